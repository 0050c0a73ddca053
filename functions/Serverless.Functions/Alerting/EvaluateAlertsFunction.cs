using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Alerting.Delivery;
using Serverless.Functions.Alerting.Evaluation;

namespace Serverless.Functions.Alerting;

/// <summary>Evaluates the alert rules and sends what there is to tell. The host runs one at a time, however many instances there are.</summary>
public sealed class EvaluateAlertsFunction
{
    private readonly AlertEvaluation _evaluation;
    private readonly NotificationMaker _maker;
    private readonly AlertDelivery _delivery;

    /// <summary>Takes the parts.</summary>
    /// <param name="services">Where they are.</param>
    public EvaluateAlertsFunction(IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(services);
        _evaluation = services.GetRequiredService<AlertEvaluation>();
        _maker = services.GetRequiredService<NotificationMaker>();
        _delivery = services.GetRequiredService<AlertDelivery>();
    }

    /// <summary>Runs every quarter of a minute: rules say how often they are evaluated themselves.</summary>
    [Function("evaluate-alerts")]
    public async Task RunAsync([TimerTrigger("*/15 * * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        await _evaluation.RunAsync(cancellation);
        await _maker.RunAsync(cancellation);
        await _delivery.RunAsync(cancellation);
    }
}
