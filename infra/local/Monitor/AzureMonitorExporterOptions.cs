using Azure.Core;

namespace Azure.Monitor.OpenTelemetry.Exporter;

/// <summary>Where telemetry is sent, and how much of it.</summary>
public class AzureMonitorExporterOptions : ClientOptions
{
    /// <summary>As the resource's page shows it; the environment's <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c> where it is not set.</summary>
    public string ConnectionString { get; set; } = null!;

    /// <summary>The part of the traces that is sent, 0 to 1, where <see cref="TracesPerSecond"/> is null.</summary>
    public float SamplingRatio { get; set; } = 1.0f;

    /// <summary>How many traces a second are sent at most; null for <see cref="SamplingRatio"/>.</summary>
    public double? TracesPerSecond { get; set; } = 5.0;
}
