using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Assembling;

/// <summary>
/// Where events go that cannot be decoded: table <c>quarantine</c>, partition of the hub, whole and with the reason, so that
/// nothing is lost and somebody can look. Part 0 is a <see cref="QuarantineNote"/>, the parts after it are the event.
/// </summary>
internal sealed class Quarantine(TableStorage storage, DayTables tables)
{
    public async Task<int> AddAsync(
        string partition, BufferedEvent damaged, string reason, int spans, LedgerSection section, DateTimeOffset now, CancellationToken cancellation)
    {
        var note = QuarantineNote.Of(damaged, reason, spans, section, now);
        var rows = new List<StoredRow> { new(RowKeys.Part(damaged.SequenceNumber, 0), note.ToBytes()) };
        for (var at = 0; at < damaged.Body.Length; at += TableStorage.MaxRowBytes)
        {
            var part = damaged.Body.Slice(at, Math.Min(TableStorage.MaxRowBytes, damaged.Body.Length - at));
            rows.Add(new StoredRow(RowKeys.Part(damaged.SequenceNumber, rows.Count), part.ToArray()));
        }

        return await storage.WriteAsync(tables.Today(DayTables.Quarantine), RowKeys.Partition(partition), rows, cancellation);
    }
}
