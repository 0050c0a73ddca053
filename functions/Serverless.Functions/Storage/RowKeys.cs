using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Functions.Storage;

/// <summary>The keys of the rows of every table.</summary>
public static class RowKeys
{
    /// <summary>Beside search blocks, the row that says that those of the partition were merged for the last time.</summary>
    public const string MergedForGood = OwnPrefix + "done";

    /// <summary>Sorts right behind all rows beside search blocks that are none.</summary>
    public const string AfterNotes = OwnPrefix + "~";

    private const char Escape = '~';

    // Sorts right behind the separator '|'.
    private const char AfterSeparator = '}';

    // No name begins so: an escape is followed by hex digits.
    private const string OwnPrefix = "~~";
    private const string MergeNotesPrefix = "~~merged|";

    // Behind all receipts, whose keys begin with the partition.
    private const string LedgerPrefix = "~ledger|";

    private const string SummarySuffix = "-~s";
    private const int TraceDigits = 16;
    private const int StartDigits = 16;

    private const int LongestName = 180;

    /// <summary>The partition of a shard: two hex digits.</summary>
    public static string Shard(int shard) => shard.ToString("x2", CultureInfo.InvariantCulture);

    /// <summary>
    /// A trace row: the low 64 bits of the id (the frames have all of it), then the batch that brought it and the number of the
    /// part, for what does not fit into one row.
    /// </summary>
    public static string Trace(ulong traceLow, BatchId batch, int part) =>
        string.Create(CultureInfo.InvariantCulture, $"{traceLow:x16}-{batch}-{part:x2}");

    /// <summary>The batch that a trace row came with, and its trace: what parts of one row have in common.</summary>
    public static ReadOnlySpan<char> TraceAndBatch(string rowKey) => rowKey.AsSpan(0, rowKey.LastIndexOf('-'));

    /// <summary>Whether two trace rows are parts of the same.</summary>
    public static bool AreOfOneBatch(string rowKey, string other) => TraceAndBatch(rowKey).SequenceEqual(TraceAndBatch(other));

    /// <summary>Whether a trace row is a first part, which every batch has.</summary>
    public static bool IsFirstPart(string rowKey) => rowKey.EndsWith("-00", StringComparison.Ordinal);

    /// <summary>The batch that a trace row came with.</summary>
    /// <exception cref="FormatException">It is no trace row.</exception>
    public static BatchId TraceBatch(string rowKey) => BatchId.Parse(rowKey.AsSpan(TraceDigits + 1, rowKey.LastIndexOf('-') - TraceDigits - 1));

    /// <summary>What was found out about a trace: behind its trace rows, so that reading them reads it too.</summary>
    public static string Summary(ulong traceLow) => string.Create(CultureInfo.InvariantCulture, $"{traceLow:x16}{SummarySuffix}");

    /// <summary>True for such a row among trace rows.</summary>
    public static bool IsSummary(string rowKey) => rowKey.EndsWith(SummarySuffix, StringComparison.Ordinal);

    /// <summary>All rows of traces whose ids have these low 64 bits.</summary>
    public static (string From, string To) TraceRange(ulong traceLow)
    {
        var low = traceLow.ToString("x16", CultureInfo.InvariantCulture);
        return (low, low + Escape);
    }

    /// <summary>A search block of a service: newest first, then the batch and the block's number in it.</summary>
    public static string Search(string service, ulong newestStartNs, BatchId batch, int block) => SearchOf(Name(service), newestStartNs, batch, block);

    /// <summary>The same for a service as its rows' keys tell it.</summary>
    public static string SearchOf(string escapedService, ulong newestStartNs, BatchId batch, int block) => string.Create(
        CultureInfo.InvariantCulture, $"{escapedService}|{Inverted(newestStartNs)}-{batch}-{block:x2}");

    /// <summary>The search blocks of a service whose newest start lies in [oldest, newest] nanoseconds since 1970.</summary>
    public static (string From, string To) SearchRange(string service, ulong oldestNs, ulong newestNs) =>
        SearchRangeOf(Name(service), oldestNs, newestNs);

    /// <summary>The same for a service as its rows' keys tell it.</summary>
    public static (string From, string To) SearchRangeOf(string escapedService, ulong oldestNs, ulong newestNs) =>
        ($"{escapedService}|{Inverted(newestNs)}", $"{escapedService}|{Inverted(oldestNs)}{Escape}");

    /// <summary>The note that search blocks of a service were merged, beside them in their partition, where no search comes by.</summary>
    public static string MergeNote(string escapedService, ulong newestStartNs, BatchId batch) => string.Create(
        CultureInfo.InvariantCulture, $"{MergeNotesPrefix}{escapedService}|{Inverted(newestStartNs)}-{batch}");

    /// <summary>All such notes of a partition.</summary>
    public static (string From, string To) MergeNotes => (MergeNotesPrefix, AfterNotes);

    /// <summary>Such notes of a service.</summary>
    public static (string From, string To) MergeNotesOf(string escapedService) =>
        ($"{MergeNotesPrefix}{escapedService}|", MergeNotesPrefix + escapedService + AfterSeparator);

    /// <summary>The service that such a note's key tells (escaped).</summary>
    public static string MergeNoteService(string rowKey) => rowKey[MergeNotesPrefix.Length..rowKey.LastIndexOf('|')];

    /// <summary>True for a row beside search blocks that is none.</summary>
    public static bool IsNote(string searchKey) => searchKey.StartsWith(OwnPrefix, StringComparison.Ordinal);

    /// <summary>Sorts right behind the rows of a service, given as their keys tell it.</summary>
    public static string AfterService(string escapedService) => escapedService + AfterSeparator;

    /// <summary>What the keys of all search blocks of a service begin with, given as their keys tell it.</summary>
    public static string SearchPrefix(string escapedService) => escapedService + "|";

    /// <summary>The newest start that a search block's key tells, in nanoseconds since 1970.</summary>
    public static ulong NewestStart(string rowKey) =>
        ulong.MaxValue - ulong.Parse(rowKey.AsSpan(rowKey.LastIndexOf('|') + 1, StartDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>The batch that a search block came with, or what stands for it.</summary>
    /// <exception cref="FormatException">It is no search block's key.</exception>
    public static BatchId SearchBatch(string rowKey)
    {
        var from = rowKey.LastIndexOf('|') + 1 + StartDigits + 1;
        return BatchId.Parse(rowKey.AsSpan(from, rowKey.LastIndexOf('-') - from));
    }

    /// <summary>The service that a search block's key tells (escaped).</summary>
    public static string SearchService(string rowKey) => rowKey[..rowKey.LastIndexOf('|')];

    /// <summary>Beside a batch's receipt, what the ledger is told of it.</summary>
    public static string LedgerOf(BatchId batch) => LedgerPrefix + batch;

    /// <summary>Sorts right behind all receipts of a table's partition, and before what lies beside them.</summary>
    public const string AfterReceipts = "~";

    /// <summary>What the ledger is told of batches of a partition that begin with an event from <paramref name="first"/> on.</summary>
    public static (string From, string To) LedgerFrom(string partition, long first) => (
        string.Create(CultureInfo.InvariantCulture, $"{LedgerPrefix}{Partition(partition)}{Math.Max(first, 0):x12}"), LedgerPrefix + Escape);

    /// <summary>What an item of the finalizer says of itself, beside the aggregates that it wrote.</summary>
    public static string ItemHead(long sequence) => string.Create(CultureInfo.InvariantCulture, $"item|{sequence:x16}");

    /// <summary>A list of traces of a verdict: newest first, then the item that wrote it, and its number among that item's.</summary>
    public static string Verdict(byte verdict, ulong newestStartNs, long sequence, int part) => string.Create(
        CultureInfo.InvariantCulture, $"{verdict:x2}|{Inverted(newestStartNs)}-i{sequence:x16}-{part:x3}");

    /// <summary>The lists of a verdict whose newest start lies in [oldest, newest] nanoseconds since 1970.</summary>
    public static (string From, string To) VerdictRange(byte verdict, ulong oldestNs, ulong newestNs) =>
        SearchRangeOf(verdict.ToString("x2", CultureInfo.InvariantCulture), oldestNs, newestNs);

    /// <summary>Calls that an item of the finalizer kept: by the minute, then the item, and its number among that item's.</summary>
    public static string Fragment(DateTimeOffset writtenAt, long sequence, int part) => string.Create(
        CultureInfo.InvariantCulture, $"{FragmentsSince(writtenAt)}-{sequence:x16}-{part:x2}");

    /// <summary>Such rows of that minute or later ones sort behind this.</summary>
    public static string FragmentsSince(DateTimeOffset time) => (time.ToUnixTimeSeconds() / 60).ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>A part of what belongs to a place in a partition of the hub.</summary>
    public static string Part(long sequence, int part) => string.Create(CultureInfo.InvariantCulture, $"{sequence:x16}-{part:x2}");

    /// <summary>A partition of the hub: at least two characters, so that keys line up.</summary>
    public static string Partition(string partition) => partition.PadLeft(2, '0');

    /// <summary>Everything that begins with a name and the separator behind it.</summary>
    public static (string From, string To) Under(string name) => ($"{Name(name)}|", Name(name) + AfterSeparator);

    /// <summary>
    /// A name as part of a key: what the service forbids in keys, and our own separators, are escaped; a long name is cut
    /// and told apart by a hash.
    /// </summary>
    public static string Name(string name)
    {
        if (name.Length <= LongestName && !name.AsSpan().ContainsAny(ForbiddenOnes))
            return name;
        var escaped = new StringBuilder(name.Length + 16);
        foreach (var c in name)
        {
            if (ForbiddenOnes.Contains(c))
                escaped.Append(Escape).Append(((int)c).ToString("x2", CultureInfo.InvariantCulture));
            else
                escaped.Append(c);
            if (escaped.Length > LongestName)
            {
                if (char.IsHighSurrogate(escaped[^1]))
                    escaped.Length--;
                var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
                return $"{escaped}{Escape}{Convert.ToHexStringLower(hash.AsSpan(0, 12))}";
            }
        }

        return escaped.ToString();
    }

    private static readonly System.Buffers.SearchValues<char> ForbiddenOnes = System.Buffers.SearchValues.Create(
        [.. @"/\#?%+|~", .. Enumerable.Range(0, 0x20).Select(c => (char)c), .. Enumerable.Range(0x7F, 0x21).Select(c => (char)c)]);

    private static string Inverted(ulong startNs) => (ulong.MaxValue - startNs).ToString("x16", CultureInfo.InvariantCulture);
}
