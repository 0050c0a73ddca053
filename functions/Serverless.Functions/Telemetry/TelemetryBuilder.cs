using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;

namespace Serverless.Functions.Telemetry;

/// <summary>Lets OpenTelemetry's parts register themselves in the app's own services.</summary>
internal sealed class TelemetryBuilder(IServiceCollection services) : IOpenTelemetryBuilder
{
    /// <inheritdoc/>
    public IServiceCollection Services => services;
}
