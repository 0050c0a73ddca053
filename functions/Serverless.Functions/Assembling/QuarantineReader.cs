using System.Buffers.Binary;
using System.Globalization;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Assembling;

/// <summary>Reads the quarantine.</summary>
public sealed class QuarantineReader(TableStorage storage, DayTables tables, SpanHub hub, TimeProvider clock)
{
    private const string FinalizePrefix = "finalize-";
    private const int PageRows = 10;

    // Behind all parts of an event.
    private const int ReplayedPart = 0xFF;

    /// <summary>Events of all partitions, the newest day first.</summary>
    internal async Task<IReadOnlyList<QuarantinedEvent>> ListAsync(int limit, CancellationToken cancellation)
    {
        var events = new List<QuarantinedEvent>();
        var partitions = await hub.PartitionIdsAsync(cancellation);
        foreach (var day in await tables.DaysAsync(DayTables.Quarantine, cancellation))
        {
            foreach (var partition in partitions.Concat(partitions.Select(partition => FinalizePrefix + partition)))
            {
                await foreach (var row in storage.ReadAsync(
                    DayTables.Name(DayTables.Quarantine, day), RowKeys.Partition(partition), "", null, PageRows, cancellation))
                {
                    var (sequence, part) = Parse(row.RowKey);
                    if (part == 0 && events.Count == limit)
                        return events;
                    if (part == 0)
                        events.Add(new QuarantinedEvent(new QuarantineId(day, partition, sequence), QuarantineNote.FromBytes(row.Data), [], null));
                    else if (part == ReplayedPart && events.Count > 0 && events[^1].Id.Sequence == sequence)
                        events[^1] = events[^1] with { ReplayedAt = Time(row) };
                }
            }
        }

        return events;
    }

    /// <summary>An event, or null.</summary>
    internal async Task<QuarantinedEvent?> ReadAsync(QuarantineId id, CancellationToken cancellation)
    {
        QuarantineNote? note = null;
        DateTimeOffset? replayedAt = null;
        var body = new MemoryStream();
        var (from, to) = (RowKeys.Part(id.Sequence, 0), RowKeys.Part(id.Sequence + 1, 0));
        await foreach (var row in storage.ReadAsync(
            DayTables.Name(DayTables.Quarantine, id.Day), RowKeys.Partition(id.Partition), from, to, PageRows, cancellation))
        {
            var (_, part) = Parse(row.RowKey);
            if (part == 0)
                note = QuarantineNote.FromBytes(row.Data);
            else if (part == ReplayedPart)
                replayedAt = Time(row);
            else
                body.Write(row.Data);
        }

        return note is null ? null : new QuarantinedEvent(id, note, body.ToArray(), replayedAt);
    }

    /// <summary>Deletes an event for good.</summary>
    /// <returns>False where there is none.</returns>
    internal async Task<bool> DeleteAsync(QuarantineId id, CancellationToken cancellation)
    {
        var table = DayTables.Name(DayTables.Quarantine, id.Day);
        var key = RowKeys.Partition(id.Partition);
        var parts = new List<string>();
        await foreach (var row in storage.ReadAsync(table, key, RowKeys.Part(id.Sequence, 0), RowKeys.Part(id.Sequence + 1, 0), PageRows, cancellation))
            parts.Add(row.RowKey);
        if (parts.Count == 0)
            return false;
        await storage.DeleteAsync(table, key, parts, cancellation);
        return true;
    }

    /// <summary>Says that an event was sent again.</summary>
    internal async Task MarkReplayedAsync(QuarantineId id, CancellationToken cancellation)
    {
        var data = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(data, clock.GetUtcNow().ToUnixTimeMilliseconds());
        await storage.WriteAsync(
            DayTables.Name(DayTables.Quarantine, id.Day), RowKeys.Partition(id.Partition), [new StoredRow(RowKeys.Part(id.Sequence, ReplayedPart), data)], cancellation);
    }

    private static DateTimeOffset Time(StoredRow row) => DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(row.Data));

    private static (long Sequence, int Part) Parse(string rowKey)
    {
        var dash = rowKey.IndexOf('-', StringComparison.Ordinal);
        return (long.Parse(rowKey.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            int.Parse(rowKey.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }
}
