using System.Text.RegularExpressions;
using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>Those who are told of alerts. One whose settings are wrong is left out and named as a problem; the others work.</summary>
internal sealed partial class Receivers
{
    private const int MaxReceivers = 20;

    // Longer than any of this program's own waits makes no sense, and would not fit a timer.
    private const double MostMinutes = 7 * 24 * 60;

    private static readonly Dictionary<string, INotificationFormat> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["alertmanager"] = new AlertmanagerFormat(),
        ["webhook"] = new WebhookFormat(),
        ["slack"] = new SlackFormat(),
        ["teams"] = new TeamsFormat(),
        ["azuremonitor"] = new AzureMonitorFormat(),
    };

    private readonly Dictionary<string, Receiver> _receivers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);

    /// <summary>Checks the settings.</summary>
    public Receivers(AlertSettings settings)
    {
        var hosts = new AllowedHosts(settings.AllowedHosts);
        foreach (var (receiver, index) in settings.Receivers.Select((receiver, index) => (receiver, index)))
        {
            var name = receiver.Name.Length > 0 ? receiver.Name : $"Receivers:{index}";
            var (checkedOne, problem) = Check(receiver, hosts);
            if (checkedOne is null)
                _problems[name] = $"The receiver {name} is not used: {problem}";
            else if (index >= MaxReceivers)
                _problems[name] = $"The receiver {name} is not used: there are more than {MaxReceivers}.";
            else if (!_receivers.TryAdd(name, checkedOne))
                _problems[$"Receivers:{index}"] = $"The receiver Receivers:{index} is not used: its name {name} is another's already.";
        }
    }

    /// <summary>What is wrong with the settings, by receiver.</summary>
    public IReadOnlyDictionary<string, string> Problems => _problems;

    /// <summary>A receiver, or null.</summary>
    public Receiver? Find(string name) => _receivers.GetValueOrDefault(name);

    /// <summary>What there is to tell each.</summary>
    public IReadOnlyList<OutboxEntry> Outbox(IReadOnlyList<AlertEvent> told, DateTimeOffset now) =>
    [
        .. _receivers.Values.Select(receiver => new OutboxEntry(receiver.Name, now, [.. told.Where(receiver.Takes)])).Where(entry => entry.Events.Count > 0),
    ];

    private static (Receiver? Receiver, string? Problem) Check(ReceiverSettings settings, AllowedHosts hosts)
    {
        if (!NamePattern().IsMatch(settings.Name))
            return (null, "it needs a Name of letters, digits, '-' and '_', at most 60.");
        if (!Formats.TryGetValue(settings.Type, out var format))
            return (null, $"its Type is '{settings.Type}' and must be one of {string.Join(", ", Formats.Keys)}.");
        if (!Uri.TryCreate(settings.Url, UriKind.Absolute, out var address))
            return (null, "its Url is no address.");
        if (hosts.Refuses(address) is { } refusal)
            return (null, refusal);
        if (WebhookFormat.Keys(settings.Secret) is not { } keys)
            return (null, "its Secret must be whsec_ and at least 16 bytes in base64; several are separated by a space.");
        if (settings is not { GroupWaitSeconds: >= 0 and <= 3600, DeadlineMinutes: > 0 and <= MostMinutes, TimeoutSeconds: > 0 and <= 60 })
            return (null, "GroupWaitSeconds must be 0 to 3600, DeadlineMinutes over 0 and at most a week, TimeoutSeconds over 0 and at most 60.");
        var pairs = settings.Match.Select(match => match.Split('=', 2)).ToArray();
        return Array.Exists(pairs, pair => pair.Length != 2)
            ? (null, "each of its Match must be name=value.")
            : (new Receiver(settings, address, format, keys, [.. pairs.Select(pair => new LabelMatcher(pair[0].Trim(), pair[1].Trim()))]), null);
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,60}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
