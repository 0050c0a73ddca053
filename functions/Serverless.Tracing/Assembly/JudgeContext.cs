using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>What is known about a trace beyond its spans.</summary>
public sealed record JudgeContext
{
    /// <summary>Nothing is known.</summary>
    public static JudgeContext None { get; } = new();

    /// <summary>When the reports arrived, as far as that is known.</summary>
    public IReadOnlyList<SpanArrivals> Arrivals { get; init; } = [];

    /// <summary>A trace of which nothing comes for this long is taken for finished; a span that arrives after that, and this long after its own end, is late.</summary>
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The reader of the trace left spans out because there were too many.</summary>
    public bool IsCut { get; init; }

    /// <summary>The id of the same low half and another width under which there are spans too; default if there are none.</summary>
    public TraceId OtherWidth { get; init; }

    /// <summary>The breaks that were found with this trace on one of the sides.</summary>
    public IReadOnlyList<PropagationBreak> Breaks { get; init; } = [];
}
