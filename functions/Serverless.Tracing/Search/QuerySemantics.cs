namespace Serverless.Tracing.Search;

/// <summary>How the conditions of a <see cref="TraceQuery"/> belong together.</summary>
public enum QuerySemantics
{
    /// <summary>Jaeger's: one single span satisfies every condition, its own start lies within the time; names compare exactly.</summary>
    SameSpan,

    /// <summary>
    /// Zipkin's: each condition is satisfied by some span of the service, the trace's timestamp lies within the time; names compare in
    /// lower case.
    /// </summary>
    AnySpanOfService,
}
