using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>What a search asks for. What is null is not asked.</summary>
public sealed record TraceQuery
{
    /// <summary>How the conditions belong together.</summary>
    public QuerySemantics Semantics { get; init; }

    /// <summary>The service whose spans are looked at, or null for all.</summary>
    public string? ServiceName { get; init; }

    /// <summary>The span's name.</summary>
    public string? SpanName { get; init; }

    /// <summary>The service on the other side of the call, in any case: the remote endpoint's, else the attribute <c>peer.service</c>.</summary>
    public string? RemoteServiceName { get; init; }

    /// <summary>The span's kind.</summary>
    public SpanKind? SpanKind { get; init; }

    /// <summary>The conditions on attributes, all of which must hold.</summary>
    public IReadOnlyList<TagCondition> Conditions { get; init; } = [];

    /// <summary>The shortest duration in nanoseconds, inclusive.</summary>
    public long? MinDurationNs { get; init; }

    /// <summary>The longest duration in nanoseconds, inclusive.</summary>
    public long? MaxDurationNs { get; init; }

    /// <summary>The earliest start in nanoseconds since 1970, inclusive.</summary>
    public ulong StartMinNs { get; init; }

    /// <summary>The latest start in nanoseconds since 1970, inclusive.</summary>
    public ulong StartMaxNs { get; init; } = ulong.MaxValue;

    /// <summary>Ids of 64 and of 128 bits with the same low half are different traces; null for what the system is set to.</summary>
    public bool? StrictTraceId { get; init; }

    /// <summary>How many traces are wanted.</summary>
    public int Limit { get; init; } = 20;
}
