using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Rules;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>Somebody who is told of alerts, checked.</summary>
/// <param name="Settings">What the settings say.</param>
/// <param name="Address">Where to call.</param>
/// <param name="Format">What it takes.</param>
/// <param name="Keys">What its messages are signed with.</param>
/// <param name="Matchers">Which alerts it is told of.</param>
internal sealed record Receiver(
    ReceiverSettings Settings, Uri Address, INotificationFormat Format, IReadOnlyList<byte[]> Keys, IReadOnlyList<LabelMatcher> Matchers)
{
    /// <summary>Its name.</summary>
    public string Name => Settings.Name;

    /// <summary>Whether it is told of an alert.</summary>
    public bool Takes(AlertEvent alert) =>
        (Settings.Severities.Count == 0 || Settings.Severities.Contains(alert.Labels[AlertRule.SeverityLabel], StringComparer.OrdinalIgnoreCase))
        && Matchers.All(matcher => matcher.Matches(alert.Labels));

    /// <summary>What an alert has in common with others that come in one message with it.</summary>
    public LabelSet GroupOf(AlertEvent alert) => alert.Labels.Only(Settings.GroupBy.Count > 0 ? Settings.GroupBy : [AlertRule.NameLabel]);
}
