using System.Globalization;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Alerting.Store;

/// <summary>The keys of the table of alerts.</summary>
internal static class AlertKeys
{
    /// <summary>The table.</summary>
    public const string Table = "alerts";

    /// <summary>Its one partition.</summary>
    public const string Partition = "alerts";

    private const string Rules = "rule|";
    private const string Outbox = "outbox|";
    private const string Notifications = "note|";
    private const string History = "history|";
    private const string Silences = "silence|";

    // Sorts right behind the separator '|'.
    private const char AfterSeparator = '}';

    public static (string From, string To) AllRules => Under(Rules);

    public static (string From, string To) AllOutbox => Under(Outbox);

    public static (string From, string To) AllNotifications => Under(Notifications);

    public static (string From, string To) AllSilences => Under(Silences);

    public static string Rule(string name) => Rules + RowKeys.Name(name);

    /// <summary>What one evaluation of a rule has to tell one receiver; in the order of time.</summary>
    public static string OutboxOf(string receiver, DateTimeOffset at, string rule) => $"{Outbox}{receiver}|{Time(at)}-{RowKeys.Name(rule)}";

    /// <summary>A message to a receiver; in the order of time.</summary>
    public static string Notification(string receiver, DateTimeOffset at, string id) => $"{Notifications}{receiver}|{Time(at)}-{id}";

    /// <summary>What an evaluation changed; newest first.</summary>
    public static string Change(DateTimeOffset at, string rule) => $"{History}{Inverted(at)}-b-{RowKeys.Name(rule)}";

    /// <summary>What became of a message; newest first, and at the same time later than the change that it tells of.</summary>
    public static string Delivery(DateTimeOffset at, string id) => $"{History}{Inverted(at)}-a-{id}";

    /// <summary>What happened before a time (that excluded).</summary>
    public static (string From, string To) HistoryBefore(DateTimeOffset at) => ($"{History}{Inverted(at)}.", Under(History).To);

    public static string SilenceOf(string id) => Silences + id;

    private static (string From, string To) Under(string prefix) => (prefix, prefix[..^1] + AfterSeparator);

    private static string Time(DateTimeOffset at) => at.UtcTicks.ToString("x16", CultureInfo.InvariantCulture);

    private static string Inverted(DateTimeOffset at) => (long.MaxValue - at.UtcTicks).ToString("x16", CultureInfo.InvariantCulture);
}
