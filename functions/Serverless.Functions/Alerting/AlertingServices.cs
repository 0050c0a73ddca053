using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Alerting.Api;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Alerting.Store;

namespace Serverless.Functions.Alerting;

/// <summary>What alerting is made of.</summary>
internal static class AlertingServices
{
    /// <summary>Adds everything. Sources of measures are added by those who have them, as <see cref="IMeasureSource"/>.</summary>
    public static IServiceCollection AddAlerting(this IServiceCollection services, AlertSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<AlertCounters>();
        services.AddSingleton(new Lazy<AlertRules>(() => AlertRules.Load(Path.Combine(AppContext.BaseDirectory, settings.RulesFolder))));
        services.AddSingleton(provider => provider.GetRequiredService<Lazy<AlertRules>>().Value);
        services.AddSingleton<Receivers>();
        services.AddSingleton<AlertHttp>();
        services.AddSingleton<IAlertTable, AlertTable>();
        services.AddSingleton<AlertStore>();
        services.AddSingleton<TraceFindings>();
        services.AddSingleton<IMeasureSource, LedgerMeasures>();
        services.AddSingleton<IMeasureSource, RedMeasures>();
        services.AddSingleton<RuleEvaluator>();
        services.AddSingleton<DryRun>();
        services.AddSingleton<AlertStates>();
        services.AddSingleton<AlertEvaluation>();
        services.AddSingleton<NotificationMaker>();
        services.AddSingleton<AlertDelivery>();
        services.AddSingleton<AlertRound>();
        services.AddHostedService<AlertStart>();
        return services;
    }
}
