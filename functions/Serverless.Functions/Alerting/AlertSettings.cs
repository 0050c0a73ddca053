namespace Serverless.Functions.Alerting;

/// <summary>How alerts are evaluated and sent; keys <c>Tracing:Alerts:Name</c>.</summary>
public sealed class AlertSettings
{
    /// <summary>The folder of the rules; a relative one is below the app's own.</summary>
    public string RulesFolder { get; init; } = "alerts";

    /// <summary>How often receivers are told again of what still fires, in minutes.</summary>
    public double RepeatMinutes { get; init; } = 240;

    /// <summary>How long what happened is kept for the history, in days.</summary>
    public int HistoryDays { get; init; } = 30;

    /// <summary>Where the runbooks are: the address that <c>docs/runbooks/...</c> is below; empty where there is none.</summary>
    public string RunbookBase { get; init; } = "";

    /// <summary>This app's address as people open it, for links; empty where there is none.</summary>
    public string ExternalUrl { get; init; } = "";

    /// <summary>
    /// The hosts that may be called, as <c>host</c> or <c>host:port</c>; nothing else is, whatever a receiver's address says. Calls are
    /// encrypted, but for hosts that are listed with <c>http://</c> before them.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Who is told.</summary>
    public IReadOnlyList<ReceiverSettings> Receivers { get; init; } = [];
}
