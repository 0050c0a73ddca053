using Azure.Core;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Serverless.Local;

namespace Azure.Monitor.OpenTelemetry.Exporter;

/// <summary>Adds the exporters. They send what the real ones send, to the ingestion endpoint of the connection string.</summary>
public static class AzureMonitorExporterExtensions
{
    /// <summary>Sends spans, and decides which.</summary>
    public static TracerProviderBuilder AddAzureMonitorTraceExporter(
        this TracerProviderBuilder builder, Action<AzureMonitorExporterOptions> configure = null!, TokenCredential credential = null!, string name = null!)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = Options(configure);
        builder.SetSampler(options.TracesPerSecond is { } rate ? new RateSampler(rate) : new TraceIdRatioBasedSampler(options.SamplingRatio));
        return builder.AddProcessor(_ => new BatchActivityExportProcessor(new MonitorSpanExporter(Transmitter(options))));
    }

    /// <summary>Sends metrics, every minute.</summary>
    public static MeterProviderBuilder AddAzureMonitorMetricExporter(
        this MeterProviderBuilder builder, Action<AzureMonitorExporterOptions> configure = null!, TokenCredential credential = null!, string name = null!)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = Options(configure);
        return builder.AddReader(_ => new PeriodicExportingMetricReader(new MonitorMetricExporter(Transmitter(options)))
        {
            TemporalityPreference = MetricReaderTemporalityPreference.Delta,
        });
    }

    private static AzureMonitorExporterOptions Options(Action<AzureMonitorExporterOptions>? configure)
    {
        var options = new AzureMonitorExporterOptions();
        configure?.Invoke(options);
        return options;
    }

    private static BreezeTransmitter Transmitter(AzureMonitorExporterOptions options) => new(MonitorConnection.Parse(
        options.ConnectionString ?? Environment.GetEnvironmentVariable(MonitorConnection.Variable)
        ?? throw new InvalidOperationException("A connection string was not found. Please set your connection string.")));
}
