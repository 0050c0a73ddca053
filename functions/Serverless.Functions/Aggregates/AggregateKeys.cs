using System.Globalization;
using Serverless.Tracing.Aggregation;

namespace Serverless.Functions.Aggregates;

/// <summary>
/// The keys of the table <see cref="Table"/>: a partition for each partition of hub <c>finalize</c>; the rows of spans and of links by
/// hour: notes of what was merged (<c>A</c>), what came of it (<c>a</c>), and items (<c>i</c>).
/// </summary>
internal static class AggregateKeys
{
    /// <summary>The kind of the day tables.</summary>
    public const string Table = Storage.DayTables.Aggregates;

    // Sorts right behind the separator '|'.
    private const char AfterSeparator = '}';
    private const char Note = 'A';
    private const char Merged = 'a';
    private const char Item = 'i';
    private const string HourFormat = "yyyyMMddHH";
    private const int HourChars = 10;
    private const int SequenceChars = 16;

    /// <summary>The row of a block of an item of hub <c>finalize</c>.</summary>
    /// <param name="block">The block.</param>
    /// <param name="sequence">The item's sequence number.</param>
    public static string OfItem(AggregateBlock block, long sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix(block.Kind)}|{Hour(block.Hour)}|{Item}{sequence:x16}-{block.Part:x2}");

    /// <summary>The row of a block that was merged of others.</summary>
    /// <param name="block">The block.</param>
    /// <param name="hash">A hash of the others, in hex.</param>
    public static string OfMerged(AggregateBlock block, string hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix(block.Kind)}|{Hour(block.Hour)}|{Merged}{hash}-{block.Part:x2}");

    /// <summary>The note of what a row was merged of.</summary>
    /// <param name="prefix">What the keys of the hour begin with.</param>
    /// <param name="hash">As for <see cref="OfMerged"/>.</param>
    public static string OfNote(string prefix, string hash) => $"{prefix}{Note}{hash}";

    /// <summary>True for a note.</summary>
    public static bool IsNote(string rowKey) => Sort(rowKey) == Note;

    /// <summary>True for a row of an item; with its sequence number.</summary>
    public static bool IsItem(string rowKey, out long sequence)
    {
        sequence = 0;
        return Sort(rowKey) == Item && rowKey.Length >= PrefixOf(rowKey).Length + 1 + SequenceChars && long.TryParse(
            rowKey.AsSpan(PrefixOf(rowKey).Length + 1, SequenceChars), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out sequence);
    }

    /// <summary>The hash in the key of a note, or of a row that was merged.</summary>
    public static string HashOf(string rowKey)
    {
        var from = HourEnd(rowKey) + 2;
        var to = rowKey.IndexOf('-', from);
        return to < 0 ? rowKey[from..] : rowKey[from..to];
    }

    /// <summary>What the keys of all rows of the kind and hour of a row begin with.</summary>
    public static string PrefixOf(string rowKey) => rowKey[..(HourEnd(rowKey) + 1)];

    /// <summary>All rows of a kind.</summary>
    public static (string From, string To) All(AggregateKind kind) => ($"{Prefix(kind)}|", $"{Prefix(kind)}{AfterSeparator}");

    /// <summary>Sorts right behind the rows whose keys begin with a prefix.</summary>
    public static string After(string prefix) => prefix[..^1] + AfterSeparator;

    /// <summary>The rows of a kind and of hours from the first to the last, both included, in hours since 1970.</summary>
    public static (string From, string To) Range(AggregateKind kind, long firstHour, long lastHour) =>
        ($"{Prefix(kind)}|{Hour(firstHour)}|", $"{Prefix(kind)}|{Hour(lastHour)}{AfterSeparator}");

    /// <summary>The hour of a row of aggregates, in hours since 1970.</summary>
    /// <exception cref="FormatException">The key is of another kind of row.</exception>
    public static long HourOf(string rowKey)
    {
        var end = HourEnd(rowKey);
        if (end < HourChars || !DateTime.TryParseExact(
            rowKey.AsSpan(end - HourChars, HourChars), HourFormat, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var hour))
            throw new FormatException($"Row {rowKey} is none of aggregates.");
        return (hour - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerHour;
    }

    private static char Sort(string rowKey) => rowKey.Length > HourEnd(rowKey) + 1 ? rowKey[HourEnd(rowKey) + 1] : '\0';

    private static int HourEnd(string rowKey) => rowKey.LastIndexOf('|');

    private static string Prefix(AggregateKind kind) => kind == AggregateKind.Red ? "red" : "link";

    private static string Hour(long hour) => DateTime.UnixEpoch.AddHours(hour).ToString(HourFormat, CultureInfo.InvariantCulture);
}
