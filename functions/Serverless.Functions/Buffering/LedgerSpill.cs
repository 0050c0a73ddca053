using Serverless.Functions.Finalizing;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Buffering;

/// <summary>
/// Keeps in the tables what the ledger is to be told while the hub takes nothing: each row is the event that it would have been. Who kept it sends it as soon as the hub
/// works again; where that process is gone, <c>close-minutes</c> does.
/// </summary>
/// <remarks>
/// A row is sent before it is deleted. An event that is sent twice thereby, or because two send it at once, has the same id and goes to the same partition: the ledger
/// counts it once (<see cref="Accounting.OpenLedger"/>).
/// </remarks>
public sealed class LedgerSpill(TableStorage storage, SpanHub hub)
{
    private const string Key = "ledger-spill";
    private const string IdFormat = "x16";
    private const int PageRows = 20;

    // At most one: a write whose answer did not come is repeated with the same key before anything else is written.
    private StoredRow? _unwritten;
    private int _sending;

    /// <summary>Whether something was given to be kept that the tables may not have.</summary>
    public bool HasUnwritten => _unwritten is not null;

    /// <summary>Keeps a section; used by one at a time. Whatever happens, it is taken over.</summary>
    /// <param name="section">What the ledger is to be told; nothing where only what was not written before is to be.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="StorageException">The tables cannot be written; it is tried again with the next call, which is to come.</exception>
    internal async Task KeepAsync(LedgerSection? section, CancellationToken cancellation)
    {
        if (section is not null)
            _unwritten = Row(section);
        if (_unwritten is not { } row)
            return;
        await storage.WriteAsync(FinalizeState.Table, Key, [row], cancellation);
        _unwritten = null;
    }

    /// <summary>Sends all that is kept, by whatever instance.</summary>
    /// <exception cref="HubException">The hub does not take it; the rest stays.</exception>
    /// <exception cref="StorageException">The tables cannot be read or written; what is not deleted is sent again.</exception>
    public async Task SendAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _sending, 1) != 0)
            return;
        try
        {
            IReadOnlyList<string>? partitions = null;
            await foreach (var row in storage.ReadAsync(FinalizeState.Table, Key, "", null, PageRows, cancellation))
            {
                partitions ??= await hub.PartitionIdsAsync(cancellation);
                var id = Convert.ToUInt64(row.RowKey, 16);
                await hub.TrySendAsync(partitions[(int)(id % (ulong)partitions.Count)], row.Data, cancellation);
                await storage.DeleteAsync(FinalizeState.Table, Key, row.RowKey, cancellation);
            }
        }
        finally
        {
            Volatile.Write(ref _sending, 0);
        }
    }

    private static StoredRow Row(LedgerSection section)
    {
        var id = (ulong)Random.Shared.NextInt64() + 1;
        var body = Event(section, id);
        if (body.Length > TableStorage.MaxRowBytes)
        {
            LedgerRest.KeepCountsAlone(section);
            body = Event(section, id);
        }

        return new StoredRow(id.ToString(IdFormat, System.Globalization.CultureInfo.InvariantCulture), body);
    }

    private static byte[] Event(LedgerSection section, ulong id)
    {
        var stream = new MemoryStream();
        EventEnvelope.Write([], new LedgerSectionWriter().Write(section), 0, 0, id, stream);
        return stream.ToArray();
    }
}
