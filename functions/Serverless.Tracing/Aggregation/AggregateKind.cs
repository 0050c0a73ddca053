namespace Serverless.Tracing.Aggregation;

/// <summary>What an <see cref="AggregateBlock"/> counts.</summary>
public enum AggregateKind : byte
{
    /// <summary>Spans: rate, errors, duration, by minute of their start, service, operation and kind.</summary>
    Red = 1,

    /// <summary>Calls between services, by minute of the start of the trace.</summary>
    Links = 2,
}
