using System.Globalization;
using System.Runtime.InteropServices;
using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting;

/// <summary>
/// What became of reports when their traces were finalized: a row of table <c>aggregates</c> for each item of the finalizer and each minute in which the hub
/// took the reports, written in one transaction with the item's aggregates.
/// </summary>
/// <remarks>
/// <code>
/// key  = led|minute|i{sequence}      minute as <see cref="LedgerMinute.KeyOf"/> tells it; u{batch} for a batch that had no receipt yet
/// row  = version:byte length:varint section n batch*n
/// batch = partition:text first:varint more:varint reports:varint
/// </code>
/// </remarks>
internal sealed class FinalizedReports
{
    /// <summary>Sorts right behind the rows of minutes, where those of batches without a receipt begin.</summary>
    public const string WithoutReceipt = Prefix + "u";

    /// <summary>Sorts right behind all such rows.</summary>
    public const string After = "led}";

    private const string Prefix = "led|";
    private const char Item = 'i';
    private const int SequenceDigits = 16;
    private const byte Version = 1;

    // Together below what fits into a row.
    private const int MostSources = 2_000;
    private const int MostChars = 120_000;
    private const int MostBatches = 8_000;

    private readonly Dictionary<BatchId, long> _batches = [];

    /// <summary>How many reports were finalized, folded, and exported, by source.</summary>
    public LedgerCounts Counts { get; } = new(MostSources, MostChars);

    /// <summary>How many reports of each batch; one without a partition stands for those that were too many to be told apart.</summary>
    public IReadOnlyDictionary<BatchId, long> Batches => _batches;

    /// <summary>The key of what an item did with the reports of a minute.</summary>
    public static string KeyOf(DateTimeOffset minute, long sequence) => KeyOf(LedgerMinute.KeyOf(minute), sequence);

    /// <summary>The key of what an item did with the reports of a batch that had no receipt yet.</summary>
    public static string KeyOf(BatchId batch, long sequence) => KeyOf("u" + batch, sequence);

    /// <summary>Sorts right before the rows of a minute.</summary>
    public static string From(DateTimeOffset minute) => Prefix + LedgerMinute.KeyOf(minute);

    /// <summary>The item of a row.</summary>
    public static long SequenceOf(string rowKey) =>
        long.Parse(rowKey.AsSpan(rowKey.Length - SequenceDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>What is between the prefix and the item: a minute or a batch.</summary>
    public static string SubjectOf(string rowKey) => rowKey[Prefix.Length..rowKey.LastIndexOf('|')];

    /// <summary>Counts reports of a batch.</summary>
    public void Add(BatchId batch, long reports)
    {
        var key = _batches.Count < MostBatches || _batches.ContainsKey(batch) ? batch : default(BatchId) with { Partition = "" };
        CollectionsMarshal.GetValueRefOrAddDefault(_batches, key, out _) += reports;
    }

    /// <summary>The row.</summary>
    public StoredRow ToRow(string key, LedgerSectionWriter sections) => new(key, RowContent.Write(Version, writer =>
    {
        writer.WriteCounts(Counts, sections);
        writer.WriteList([.. _batches], static (to, batch) =>
        {
            to.Write(batch.Key.Partition);
            to.WriteNumber(batch.Key.FirstSequence);
            to.WriteNumber(batch.Key.LastSequence - batch.Key.FirstSequence);
            to.WriteNumber(batch.Value);
        });
    }));

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatException">It is something else, or damaged.</exception>
    public static FinalizedReports FromRow(StoredRow row) => RowContent.Read(row.Data, Version, $"count of finalized reports (row {row.RowKey})", static reader =>
    {
        var read = new FinalizedReports();
        reader.ReadCounts(read.Counts);
        foreach (var (batch, reports) in reader.ReadList(ReadBatch))
            read.Add(batch, reports);
        return read;
    });

    private static (BatchId Batch, long Reports) ReadBatch(BinaryReader reader)
    {
        var partition = reader.ReadString();
        var first = reader.ReadNumber();
        return (new BatchId(partition, first, first + reader.ReadNumber()), reader.ReadNumber());
    }

    private static string KeyOf(string subject, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{subject}|{Item}{sequence:x16}");
}
