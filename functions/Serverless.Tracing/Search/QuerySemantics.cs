namespace Serverless.Tracing.Search;

/// <summary>How the conditions of a <see cref="TraceQuery"/> belong together.</summary>
public enum QuerySemantics
{
    /// <summary>
    /// Jaeger's, and our own API's <c>match=span</c>: one single span satisfies every condition, its own start lies within the time; names
    /// compare exactly.
    /// </summary>
    SameSpan,

    /// <summary>
    /// Zipkin's: each condition is satisfied by some span of the service, the trace's timestamp lies within the time; names compare in
    /// lower case.
    /// </summary>
    AnySpanOfService,

    /// <summary>
    /// Our own API's <c>match=trace</c>: each condition, that on the service included, is satisfied by some span that starts within the time, of
    /// whatever service; what is denied is denied of every span of the trace. Names compare exactly.
    /// </summary>
    WholeTrace,
}
