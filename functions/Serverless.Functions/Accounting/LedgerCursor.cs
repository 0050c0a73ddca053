using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>How far the minutes of a partition are closed; a row of table <c>state</c>.</summary>
/// <param name="Next">The number of the first event that is in no closed minute.</param>
/// <param name="ClosedUntil">The last closed minute.</param>
/// <param name="Recent">The minutes closed last: batches of theirs may still be delivered again.</param>
/// <param name="ETag">The row's state when it was read; null where there is none.</param>
internal sealed record LedgerCursor(long Next, DateTimeOffset ClosedUntil, IReadOnlyList<LedgerCursor.RecentMinute> Recent, string? ETag)
{
    /// <summary>The partition of the table that holds them.</summary>
    public const string Key = "ledger-cursor";

    /// <summary>How many minutes are looked at again for batches that came late.</summary>
    public const int MostRecent = 3;

    private const byte Version = 1;

    /// <summary>A minute closed lately.</summary>
    /// <param name="Minute">The minute.</param>
    /// <param name="First">Its first event.</param>
    /// <param name="Batches">The batches that were counted.</param>
    /// <param name="Holes">What was missing.</param>
    internal sealed record RecentMinute(
        DateTimeOffset Minute, long First, IReadOnlyList<BatchId> Batches, IReadOnlyList<SequenceRange> Holes);

    /// <summary>Nothing is closed.</summary>
    public static LedgerCursor None { get; } = new(-1, DateTimeOffset.MinValue, [], null);

    /// <summary>The cursor when a minute is closed.</summary>
    public LedgerCursor After(LedgerMinute closed)
    {
        var recent = new RecentMinute(closed.Minute, closed.FirstSequence, [.. closed.Batches], [.. closed.Holes]);
        return new LedgerCursor(closed.Next, closed.Minute, [.. Recent.TakeLast(MostRecent - 1), recent], ETag);
    }

    /// <summary>The cursor when batches of a closed minute were counted that came late.</summary>
    public LedgerCursor With(LedgerMinute late) => this with
    {
        Recent = [.. Recent.Select(minute => minute.Minute == late.Minute
            ? minute with { Batches = [.. minute.Batches, .. late.Batches], Holes = Without(minute.Holes, late.Filled) }
            : minute)],
    };

    public StoredRow ToRow(string partition) => new(RowKeys.Partition(partition), RowContent.Write(Version, writer =>
    {
        writer.WriteNumber(Next);
        writer.WriteNumber(ClosedUntil.UtcTicks);
        writer.WriteList(Recent, static (to, minute) =>
        {
            to.WriteNumber(minute.Minute.UtcTicks);
            to.WriteNumber(minute.First);
            to.WriteList(minute.Batches, static (t, batch) => { t.WriteNumber(batch.FirstSequence); t.WriteNumber(batch.LastSequence); });
            to.WriteList(minute.Holes, static (t, hole) => { t.WriteNumber(hole.First); t.WriteNumber(hole.Last); });
        });
    }));

    public static LedgerCursor FromRow(string partition, StoredRow row) => RowContent.Read(row.Data, Version, "position of the ledger", reader =>
    {
        var next = reader.ReadNumber();
        var until = new DateTimeOffset(reader.ReadNumber(), TimeSpan.Zero);
        var recent = reader.ReadList(from => new RecentMinute(
            new DateTimeOffset(from.ReadNumber(), TimeSpan.Zero), from.ReadNumber(),
            from.ReadList(f => new BatchId(partition, f.ReadNumber(), f.ReadNumber())),
            from.ReadList(static f => new SequenceRange(f.ReadNumber(), f.ReadNumber()))));
        return new LedgerCursor(next, until, recent, row.ETag);
    });

    private static IReadOnlyList<SequenceRange> Without(IReadOnlyList<SequenceRange> holes, List<SequenceRange> filled)
    {
        if (filled.Count == 0)
            return holes;
        var left = new List<SequenceRange>();
        foreach (var hole in holes)
        {
            var first = hole.First;
            foreach (var part in filled.Where(part => part.First >= hole.First && part.Last <= hole.Last).OrderBy(part => part.First))
            {
                if (part.First > first)
                    left.Add(new SequenceRange(first, part.First - 1));
                first = part.Last + 1;
            }

            if (first <= hole.Last)
                left.Add(new SequenceRange(first, hole.Last));
        }

        return left;
    }
}
