using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Functions.Probing;

/// <summary>What the prober is made of.</summary>
internal static class ProbingServices
{
    /// <summary>Adds everything.</summary>
    public static IServiceCollection AddProbing(this IServiceCollection services, ProbeSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<ProbeHttp>();
        services.AddSingleton<ProbeStore>();
        services.AddSingleton<ProbeMeasures>();
        services.AddSingleton<Prober>();
        return services;
    }
}
