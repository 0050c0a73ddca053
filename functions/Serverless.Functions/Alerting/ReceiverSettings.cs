namespace Serverless.Functions.Alerting;

/// <summary>Somebody who is told of alerts; keys <c>Tracing:Alerts:Receivers:0:Name</c> and so on.</summary>
public sealed class ReceiverSettings
{
    /// <summary>Its name, unique among the receivers: letters, digits, '-' and '_'.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it takes: <c>alertmanager</c>, <c>webhook</c>, <c>slack</c>, <c>teams</c> or <c>azuremonitor</c>.</summary>
    public string Type { get; init; } = "";

    /// <summary>Its address; of an Alertmanager the one below which <c>/api/v2/alerts</c> is.</summary>
    public string Url { get; init; } = "";

    /// <summary>What the webhook's messages are signed with, as <c>whsec_</c> and base64; several are separated by a space, while one replaces another.</summary>
    public string Secret { get; init; } = "";

    /// <summary>Sent as <c>Authorization</c>; empty for none.</summary>
    public string Authorization { get; init; } = "";

    /// <summary>Only alerts of these severities; empty for all.</summary>
    public IReadOnlyList<string> Severities { get; init; } = [];

    /// <summary>Only alerts with these labels, as <c>name=value</c>; empty for all.</summary>
    public IReadOnlyList<string> Match { get; init; } = [];

    /// <summary>Alerts with the same values of these labels come in one message.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [];

    /// <summary>How long a message waits for others of its group, in seconds.</summary>
    public double GroupWaitSeconds { get; init; } = 10;

    /// <summary>How long a message is tried to be sent, in minutes.</summary>
    public double DeadlineMinutes { get; init; } = 60;

    /// <summary>How long one try may take, in seconds.</summary>
    public double TimeoutSeconds { get; init; } = 10;
}
