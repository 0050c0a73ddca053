using System.Runtime.InteropServices;
using Serverless.Functions.Aggregates;
using Serverless.Functions.Assembling;
using Serverless.Functions.Storage;
using Serverless.Tracing.Aggregation;

namespace Serverless.Functions.Finalizing;

/// <summary>
/// Writes the aggregates of one attempt at an item. Every transaction also writes the item's head under the condition that nobody else did, so that
/// of two attempts at the same item only one gets on, and what an attempt left is taken back by the next.
/// </summary>
internal sealed class ItemAggregates(TableStorage storage, EndlessRetry retry, string table, FinalizeItemId item, TraceAggregates aggregates)
{
    /// <summary>More batches than that are counted together.</summary>
    private const int MostBatches = 20_000;

    // What goes along with the aggregates; more goes before them.
    private const int MostRowsAlong = 8;
    private const int MostBytesAlong = 100_000;

    private readonly Guid _attempt = Guid.NewGuid();
    private readonly string _partitionKey = RowKeys.Partition(item.Partition);
    private readonly List<string> _keys = [];
    private readonly Dictionary<BatchId, long> _batches = [];
    private readonly Dictionary<(AggregateKind Kind, long Hour), int> _parts = [];
    private bool _hasHead;

    /// <summary>What is gathered.</summary>
    public TraceAggregates Gathered => aggregates;

    /// <summary>How many transactions were made.</summary>
    public int Transactions { get; private set; }

    /// <summary>Takes back what an earlier attempt wrote.</summary>
    /// <param name="claim">Sees to it that that attempt, should it still be alive, cannot end the item any more.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="StorageConflictException">Another instance is at the item.</exception>
    public async Task UndoAsync(Func<CancellationToken, Task> claim, CancellationToken cancellation)
    {
        var isClaimed = false;
        while (await ReadHeadAsync(cancellation) is var (row, head))
        {
            if (!isClaimed)
                await claim(cancellation);
            isClaimed = true;
            var some = head.Keys.Take(TableStorage.MaxOperations - 1).ToArray();
            var left = head with { Attempt = _attempt, Keys = [.. head.Keys.Skip(some.Length)], Batches = [] };
            var writes = some.Select(key => RowWrite.Delete(key)).ToList();
            writes.Add(left.Keys.Count > 0 ? RowWrite.IfUnchanged(left.ToRow(item.Sequence), row.ETag) : RowWrite.Delete(row.RowKey, row.ETag));
            await WriteAsync(writes, cancellation);
            if (left.Keys.Count == 0)
                return;
        }
    }

    /// <summary>Counts reports of a batch that are finalized for the first time.</summary>
    public void Count(BatchId batch, int reports)
    {
        var key = _batches.Count < MostBatches || _batches.ContainsKey(batch) ? batch : default(BatchId) with { Partition = "" };
        CollectionsMarshal.GetValueRefOrAddDefault(_batches, key, out _) += reports;
    }

    /// <summary>Writes what is gathered, and forgets it.</summary>
    /// <param name="along">Rows of the item's that are no aggregates.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="StorageConflictException">Another instance is at the item.</exception>
    public async Task WriteAsync(IReadOnlyList<StoredRow> along, CancellationToken cancellation)
    {
        var writes = new List<RowWrite>();
        var bytes = 0;
        foreach (var row in along)
        {
            if (writes.Count == MostRowsAlong || (writes.Count > 0 && bytes + row.Data.Length > MostBytesAlong))
            {
                await WriteWithHeadAsync(writes, cancellation);
                (writes, bytes) = ([], 0);
            }

            _keys.Add(row.RowKey);
            writes.Add(RowWrite.IfAbsent(row));
            bytes += row.Data.Length;
        }

        if (bytes > MostBytesAlong)
        {
            await WriteWithHeadAsync(writes, cancellation);
            writes = [];
        }

        foreach (var block in aggregates.ToBlocks())
        {
            ref var part = ref CollectionsMarshal.GetValueRefOrAddDefault(_parts, (block.Kind, block.Hour), out _);
            var key = AggregateKeys.OfItem(block with { Part = part++ }, item.Sequence);
            _keys.Add(key);
            writes.Add(RowWrite.IfAbsent(new StoredRow(key, block.Bytes)));
        }

        aggregates.Clear();
        await WriteWithHeadAsync(writes, cancellation);
    }

    private async Task WriteWithHeadAsync(List<RowWrite> writes, CancellationToken cancellation)
    {
        var head = new FinalizeItemHead(_attempt, _keys, [.. _batches.Select(batch => new BatchCount(batch.Key, batch.Value))]).ToRow(item.Sequence);
        writes.Add(RowWrite.IfUnchanged(head, await OwnHeadAsync(cancellation)));
        await WriteAsync(writes, cancellation);
        _hasHead = true;
    }

    private async Task<string?> OwnHeadAsync(CancellationToken cancellation)
    {
        if (!_hasHead)
            return null;
        return await ReadHeadAsync(cancellation) is var (row, head) && head.Attempt == _attempt
            ? row.ETag
            : throw new StorageConflictException($"Another instance is at item {item.Sequence} of partition {item.Partition}.");
    }

    private async Task<(StoredRow Row, FinalizeItemHead Head)?> ReadHeadAsync(CancellationToken cancellation)
    {
        var found = await retry.RunAsync(token => storage.ReadAsync(table, _partitionKey, RowKeys.ItemHead(item.Sequence), token), cancellation);
        return found is { } row ? (row, FinalizeItemHead.FromRow(row)) : null;
    }

    private Task WriteAsync(List<RowWrite> writes, CancellationToken cancellation)
    {
        Transactions++;
        return retry.RunAsync(token => storage.WriteTogetherAsync(table, _partitionKey, writes, token), cancellation);
    }
}
