using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Rules;
using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>What messages for people have in common.</summary>
internal static class MessageTexts
{
    /// <summary>How many alerts a message shows; of the others it says how many.</summary>
    public const int MaxShown = 10;

    private const int LongestText = 1_000;

    /// <summary>A title: <c>[FIRING:2] SpansDropped</c>.</summary>
    public static string Title(Notification notification)
    {
        var last = notification.Events.GroupBy(e => e.Labels).Select(g => g.Last()).ToArray();
        var firing = last.Count(e => e.To == AlertStatus.Firing);
        var state = firing > 0 ? $"FIRING:{firing}" : $"RESOLVED:{last.Length}";
        var rules = last.Select(e => e.Rule).Distinct().ToArray();
        return $"[{state}] {string.Join(", ", rules.Take(3))}{(rules.Length > 3 ? ", …" : "")}";
    }

    /// <summary>What an alert is about in a line.</summary>
    public static string Summary(AlertEvent alert)
    {
        var text = alert.Annotations["summary"];
        return Cut(text.Length > 0 ? text : alert.Rule);
    }

    /// <summary>The labels that tell the alert from others of its rule.</summary>
    public static string Labels(AlertEvent alert) => Cut(string.Join(", ", alert.Labels.Values
        .Where(label => label.Key is not AlertRule.NameLabel).Select(label => $"{label.Key}={label.Value}")));

    public static string Cut(string text) => text.Length <= LongestText ? text : text[..(LongestText - 1)] + "…";
}
