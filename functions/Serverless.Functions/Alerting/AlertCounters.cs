using System.Diagnostics.Metrics;
using Serverless.Functions.Accounting;

namespace Serverless.Functions.Alerting;

/// <summary>Counts evaluations and messages, as instruments of the meter <c>Serverless</c>.</summary>
public sealed class AlertCounters : IDisposable
{
    private readonly Meter _meter = new(SpanCounters.MeterName);
    private readonly Counter<long> _evaluations;
    private readonly Counter<long> _evaluationFailures;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _tries;
    private readonly Counter<long> _failed;
    private readonly WorkCounts? _work;

    /// <summary>Makes the instruments.</summary>
    /// <param name="work">Keeps what is told by <c>/metrics</c>; null for nobody.</param>
    public AlertCounters(WorkCounts? work = null)
    {
        _work = work;
        _evaluations = _meter.CreateCounter<long>("serverless.alerts.evaluations", "{evaluation}", "Evaluations of alert rules.");
        _evaluationFailures = _meter.CreateCounter<long>("serverless.alerts.evaluation_failures", "{evaluation}", "Evaluations of alert rules that failed.");
        _sent = _meter.CreateCounter<long>("serverless.alerts.notifications_sent", "{notification}", "Messages that receivers took.");
        _tries = _meter.CreateCounter<long>("serverless.alerts.notification_tries_failed", "{try}", "Tries to send a message that failed and are repeated.");
        _failed = _meter.CreateCounter<long>("serverless.alerts.notifications_failed", "{notification}", "Messages given up at their deadline.");
    }

    /// <summary>A rule was evaluated.</summary>
    public void Evaluated(bool isFailure)
    {
        _evaluations.Add(1);
        if (isFailure)
            _evaluationFailures.Add(1);
    }

    /// <summary>A receiver took a message.</summary>
    public void Sent(string receiver)
    {
        _sent.Add(1, Tag(receiver));
        _work?.Add(WorkCounts.NotificationsSent, receiver);
    }

    /// <summary>A try failed.</summary>
    public void TryFailed(string receiver) => _tries.Add(1, Tag(receiver));

    /// <summary>A message was given up.</summary>
    public void GivenUp(string receiver)
    {
        _failed.Add(1, Tag(receiver));
        _work?.Add(WorkCounts.NotificationsFailed, receiver);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string receiver) => new("receiver", receiver);
}
