namespace Serverless.Functions.Querying.Jaeger;

/// <summary>How a trace is to be shown.</summary>
/// <param name="IsRaw">As it was sent: ids, parents and times as they are, without warnings.</param>
/// <param name="AdjustsClocks">The times are set to each other's clocks; this parameter is not Jaeger's.</param>
internal readonly record struct JaegerView(bool IsRaw, bool AdjustsClocks)
{
    /// <summary>What is shown to those who ask for nothing special.</summary>
    public static JaegerView Adjusted { get; } = new(IsRaw: false, AdjustsClocks: true);
}
