using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Serverless.Functions.Accounting;

namespace Serverless.Functions.Telemetry;

/// <summary>
/// The app's own traces and metrics: to Application Insights where a connection string is set, by OTLP where an endpoint is set. Where neither is, there
/// is none, and it costs nothing.
/// </summary>
internal static class OwnTelemetry
{
    private const string ConnectionString = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Adds what is set.</summary>
    /// <exception cref="InvalidOperationException">The OTLP endpoint is no address.</exception>
    public static IServiceCollection AddOwnTelemetry(this IServiceCollection services, IConfiguration configuration, TracingSettings settings)
    {
        var identity = new SystemIdentity(configuration);
        services.AddSingleton(identity);
        var connectionString = configuration[ConnectionString];
        var endpoint = configuration[Endpoint];
        if (string.IsNullOrEmpty(connectionString) && string.IsNullOrEmpty(endpoint))
            return services;
        new TelemetryBuilder(services).UseFunctionsWorkerDefaults()
            .WithTracing(tracing =>
            {
                tracing.AddSource(OwnSpans.SourceName);
                if (!string.IsNullOrEmpty(connectionString))
                    tracing.AddAzureMonitorTraceExporter(options => Configure(options, connectionString, settings));
                if (!string.IsNullOrEmpty(endpoint))
                    tracing.AddOtlpExporter(options => Configure(options, endpoint, "v1/traces", identity));
            })
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(SpanCounters.MeterName);
                if (!string.IsNullOrEmpty(connectionString))
                    metrics.AddAzureMonitorMetricExporter(options => Configure(options, connectionString, settings));
                if (!string.IsNullOrEmpty(endpoint))
                    metrics.AddOtlpExporter(options => Configure(options, endpoint, "v1/metrics", identity));
            });
        services.AddHostedService<TelemetryStart>();
        return services;
    }

    // Without these two the exporter takes five traces a second.
    private static void Configure(AzureMonitorExporterOptions options, string connectionString, TracingSettings settings)
    {
        options.ConnectionString = connectionString;
        options.TracesPerSecond = null;
        options.SamplingRatio = (float)settings.TelemetrySamplingRatio;
    }

    private static void Configure(OtlpExporterOptions options, string endpoint, string path, SystemIdentity identity)
    {
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = Uri.TryCreate($"{endpoint.TrimEnd('/')}/{path}", UriKind.Absolute, out var address)
            ? address
            : throw new InvalidOperationException($"{Endpoint} is no address: '{endpoint}'.");
        var own = $"{SystemIdentity.Header}={identity.Value}";
        options.Headers = string.IsNullOrEmpty(options.Headers) ? own : $"{options.Headers},{own}";
    }
}
