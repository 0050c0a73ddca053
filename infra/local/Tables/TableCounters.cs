using Serverless.Local.Tables.Storage;

namespace Serverless.Local.Tables;

/// <summary>Counts what the service is asked for.</summary>
internal sealed class TableCounters
{
    private long _gets;
    private long _queryPages;
    private long _entityWrites;
    private long _transactions;
    private long _transactionActions;
    private long _managements;

    public void AddGet() => Interlocked.Increment(ref _gets);

    public void AddQueryPage() => Interlocked.Increment(ref _queryPages);

    public void AddManagement() => Interlocked.Increment(ref _managements);

    public void AddWrite(string operation, int actions)
    {
        if (operation != FaultOperations.TableTransaction)
        {
            Interlocked.Increment(ref _entityWrites);
            return;
        }

        Interlocked.Increment(ref _transactions);
        Interlocked.Add(ref _transactionActions, actions);
    }

    public TableStoreStatistics Read(LsmStore store)
    {
        var bytesOnDisk = new Dictionary<string, long>();
        foreach (var table in store.Tables)
        {
            using var view = table.Acquire();
            bytesOnDisk[table.Name] = view?.Segments.Sum(segment => segment.Bytes) ?? 0;
        }

        return new TableStoreStatistics
        {
            Gets = Volatile.Read(ref _gets),
            QueryPages = Volatile.Read(ref _queryPages),
            EntityWrites = Volatile.Read(ref _entityWrites),
            Transactions = Volatile.Read(ref _transactions),
            TransactionActions = Volatile.Read(ref _transactionActions),
            Managements = Volatile.Read(ref _managements),
            MemtableBytes = store.ActiveBytes,
            CachedBytes = store.CachedBytes,
            BytesOnDisk = bytesOnDisk,
        };
    }
}
