using Serverless.Tracing.Model;

namespace Serverless.Tracing.Aggregation;

/// <summary>Takes what <see cref="AggregateBlockReader"/> reads of a block, series by series.</summary>
public interface IAggregateSink
{
    /// <summary>Spans of an operation follow.</summary>
    /// <returns>False to pass over them.</returns>
    bool BeginRed(string service, string operation, SpanKind kind);

    /// <summary>Spans of the operation begun.</summary>
    /// <param name="minute">The minute, in minutes since 1970.</param>
    /// <param name="sums">The counts.</param>
    /// <param name="durations">The durations; holds only during the call.</param>
    void AddRed(long minute, RedSums sums, ExponentialHistogram durations);

    /// <summary>Calls of a service to another follow.</summary>
    /// <returns>False to pass over them.</returns>
    bool BeginLink(string parent, string child);

    /// <summary>Calls of the pair begun.</summary>
    /// <param name="minute">The minute, in minutes since 1970.</param>
    /// <param name="sums">The counts.</param>
    void AddLink(long minute, LinkSums sums);
}
