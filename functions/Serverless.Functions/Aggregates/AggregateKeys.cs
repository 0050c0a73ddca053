using System.Globalization;
using Serverless.Tracing.Aggregation;

namespace Serverless.Functions.Aggregates;

/// <summary>
/// The keys of the table <see cref="Table"/>: a partition for each partition of hub <c>finalize</c>; the rows of spans and of links by
/// hour, those merged of others (<c>a</c>) before those of items (<c>i</c>).
/// </summary>
internal static class AggregateKeys
{
    /// <summary>The kind of the day tables.</summary>
    public const string Table = Storage.DayTables.Aggregates;

    // Sorts right behind the separator '|'.
    private const char AfterSeparator = '}';
    private const char Merged = 'a';
    private const char Item = 'i';
    private const string HourFormat = "yyyyMMddHH";
    private const int HourChars = 10;

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

    /// <summary>True for a row that was merged of others.</summary>
    public static bool IsMerged(string rowKey) => rowKey.Length > HourEnd(rowKey) + 1 && rowKey[HourEnd(rowKey) + 1] == Merged;

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

    private static int HourEnd(string rowKey) => rowKey.LastIndexOf('|');

    private static string Prefix(AggregateKind kind) => kind == AggregateKind.Red ? "red" : "link";

    private static string Hour(long hour) => DateTime.UnixEpoch.AddHours(hour).ToString(HourFormat, CultureInfo.InvariantCulture);
}
