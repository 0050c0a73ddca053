namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// The texts with which Zipkin's server refuses a body (zipkin-server's ZipkinHttpCollector): its senders' logs and
/// people's runbooks know them.
/// </summary>
public static class ZipkinErrors
{
    /// <summary>How JSON v2 is called in errors.</summary>
    public const string JsonV2Format = "Zipkin JSON v2";

    /// <summary>How JSON v1 is called in errors.</summary>
    public const string JsonV1Format = "Zipkin JSON v1";

    /// <summary>How protobuf is called in errors.</summary>
    public const string Proto3Format = "Zipkin proto3";

    /// <summary>How thrift is called in errors.</summary>
    public const string ThriftFormat = "Zipkin thrift";

    /// <summary>The body is not a list, for instance a single span.</summary>
    public const string JsonV2ListExpected = "Expected a JSON_V2 encoded list";

    /// <summary>The body is not a list, for instance a single span.</summary>
    public const string JsonV1ListExpected = "Expected a JSON_V1 encoded list";

    /// <summary>The body is nothing that Zipkin knows.</summary>
    public const string Proto3ListExpected = "Expected a PROTO3 encoded list";

    /// <summary>The body is nothing that Zipkin knows.</summary>
    public const string ThriftListExpected = "Expected a THRIFT encoded list";

    /// <summary>The body is of the version before.</summary>
    public const string GotJsonV1 = "Expected a JSON_V2 encoded list, but received: JSON_V1";

    /// <summary>The body is of the version after.</summary>
    public const string GotJsonV2 = "Expected a JSON_V1 encoded list, but received: JSON_V2";

    /// <summary>
    /// The body of the 400 answer: Zipkin's exact line where it has one (ended by a line feed), else its
    /// words, as <c>Malformed reading List&lt;Span&gt; from json</c>, followed by where and why.
    /// </summary>
    public static string ResponseText(MalformedSpansException error)
    {
        switch (error.Reason)
        {
            case JsonV2ListExpected or JsonV1ListExpected or Proto3ListExpected or ThriftListExpected or GotJsonV1 or GotJsonV2:
                return error.Reason + "\n";
            default:
                var encoding = error.Format switch
                {
                    Proto3Format => "proto3",
                    ThriftFormat => "TBinary",
                    _ => "json",
                };
                return $"Malformed reading List<Span> from {encoding}: {error.Message}";
        }
    }
}
