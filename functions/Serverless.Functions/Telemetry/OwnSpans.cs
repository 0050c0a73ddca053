using System.Diagnostics;

namespace Serverless.Functions.Telemetry;

/// <summary>Spans of the app's own work, inside those of its invocations. Where nobody takes them they cost nothing.</summary>
internal static class OwnSpans
{
    /// <summary>The source's name.</summary>
    public const string SourceName = "Serverless";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins a span; null where nobody takes it.</summary>
    public static Activity? Start(string name, ActivityKind kind = ActivityKind.Internal) => Source.StartActivity(name, kind);
}
