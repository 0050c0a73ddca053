using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>
/// What of a trace can show that a service does not forward the trace's headers: the calls after which nothing more of the trace is
/// seen, and the calls with which it begins. Small enough to be kept for every trace of a window.
/// </summary>
public sealed record PropagationFragment
{
    /// <summary>A trace adds at most this many calls of each sort, the earliest.</summary>
    public const int MaxCalls = 64;

    /// <summary>The trace.</summary>
    public required TraceId TraceId { get; init; }

    /// <summary>Calls and messages that a service received, below which no call of its own is in the trace.</summary>
    public IReadOnlyList<PropagationCall> Received { get; init; } = [];

    /// <summary>Outgoing calls and messages without a parent: the trace begins with them.</summary>
    public IReadOnlyList<PropagationCall> Opened { get; init; } = [];

    /// <summary>Takes a trace's fragment.</summary>
    public static PropagationFragment Of(ClockSkewAdjustment times)
    {
        ArgumentNullException.ThrowIfNull(times);
        return Of(times, new CallTree(times.Tree));
    }

    internal static PropagationFragment Of(ClockSkewAdjustment times, CallTree calls)
    {
        var tree = times.Tree;
        List<PropagationCall>? received = null;
        List<PropagationCall>? opened = null;
        for (var i = 0; i < tree.Count; i++)
        {
            var span = tree[i];
            if (!span.HasStart || !span.HasDuration || span.ServiceName.Length == 0)
                continue;
            if (span.Kind is SpanKind.Server or SpanKind.Consumer && !calls.HasCallBelow(i) && received is not { Count: MaxCalls })
                (received ??= []).Add(CallOf(times, i));
            else if (span.Kind is SpanKind.Client or SpanKind.Producer && span.ParentId.IsZero && tree.ParentOf(i) < 0 && opened is not { Count: MaxCalls })
                (opened ??= []).Add(CallOf(times, i));
        }

        return new PropagationFragment { TraceId = tree.Count > 0 ? tree[Math.Max(0, tree.Top)].TraceId : default, Received = received ?? [], Opened = opened ?? [] };
    }

    private static PropagationCall CallOf(ClockSkewAdjustment times, int i)
    {
        var span = times.Tree[i];
        return new PropagationCall(
            span.TraceId, span.Id, span.ServiceName, SpanOrigin.InstanceOf(span.Resource), span.Name, times.StartOf(i), times.EndOf(i));
    }
}
