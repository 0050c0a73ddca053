using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Rules;

namespace Serverless.Functions.Alerting;

/// <summary>Says at the start what is wrong with rules and receivers, beside the start and not before it.</summary>
internal sealed class AlertStart(Lazy<AlertRules> rules, Receivers receivers, ILogger<AlertStart> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(
        () =>
        {
            foreach (var error in rules.Value.Broken.SelectMany(file => file.Errors))
                logger.LogError("Alert rule: {Error}", error);
            foreach (var problem in receivers.Problems.Values)
                logger.LogError("{Problem}", problem);
        },
        stoppingToken);
}
