namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// The texts with which Zipkin's server refuses a body (zipkin-server's ZipkinHttpCollector): its senders' logs and
/// people's runbooks know them.
/// </summary>
public static class ZipkinErrors
{
    /// <summary>How this format is called in errors.</summary>
    public const string JsonV2Format = "Zipkin JSON v2";

    /// <summary>The body is not a list, for instance a single span.</summary>
    public const string ListExpected = "Expected a JSON_V2 encoded list";

    /// <summary>The body is of the version before.</summary>
    public const string GotVersion1 = "Expected a JSON_V2 encoded list, but received: JSON_V1";

    /// <summary>
    /// The body of the 400 answer: Zipkin's exact line where it has one (ended by a line feed), else its
    /// words <c>Malformed reading List&lt;Span&gt; from json</c> followed by where and why.
    /// </summary>
    public static string ResponseText(MalformedSpansException error) => error.Reason is ListExpected or GotVersion1
        ? error.Reason + "\n"
        : "Malformed reading List<Span> from json: " + error.Message;
}
