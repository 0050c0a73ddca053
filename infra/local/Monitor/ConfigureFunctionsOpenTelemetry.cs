using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Serverless.Local;

namespace Microsoft.Azure.Functions.Worker.OpenTelemetry;

/// <summary>What the worker adds to an app's telemetry.</summary>
public static class ConfigureFunctionsOpenTelemetry
{
    /// <summary>Takes the spans of invocations, and says what app they are of.</summary>
    public static IOpenTelemetryBuilder UseFunctionsWorkerDefaults(this IOpenTelemetryBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") ?? Environment.GetEnvironmentVariable("WEBSITE_SITE_NAME")
            ?? System.Reflection.Assembly.GetEntryAssembly()?.GetName().Name ?? "functions";
        return builder
            .ConfigureResource(resource => resource.AddService(name, serviceInstanceId: Environment.MachineName))
            .WithTracing(tracing => tracing.AddSource(InvocationSpans.SourceName));
    }
}
