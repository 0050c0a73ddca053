namespace Serverless.Tracing.Assembly;

/// <summary>How a trace is assembled.</summary>
public sealed record AssemblyOptions
{
    /// <summary>Everything as it is by default.</summary>
    public static AssemblyOptions Default { get; } = new();

    /// <summary>Times are adjusted for clock skew; otherwise it is only reported.</summary>
    public bool AdjustsClockSkew { get; init; } = true;

    /// <summary>A skew larger than this is reported and not applied; null for no limit.</summary>
    public TimeSpan? MaximumClockSkew { get; init; }
}
