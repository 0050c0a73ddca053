using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Serverless.Local.Tables.Filters;
using Serverless.Local.Tables.Storage;

namespace Serverless.Local.Tables;

/// <summary>The table service: the rules and errors of Azure Table storage over an <see cref="LsmStore"/>.</summary>
internal sealed class TableStore : IAsyncDisposable
{
    // A page ends after as much, as the service's do at the answer's size or after five seconds.
    private const int MaxPageBytes = 4 * 1024 * 1024;
    private const int RowsBetweenClockLooks = 256;
    private static readonly TimeSpan MaxPageTime = TimeSpan.FromSeconds(5);

    private readonly LocalPlatform _platform;
    private readonly LsmStore _store;
    private readonly TableCounters _counters = new();
    private readonly ConcurrentDictionary<string, long> _deletedAt = new(StringComparer.OrdinalIgnoreCase);

    public TableStore(LocalPlatform platform, LsmOptions? options = null)
    {
        _platform = platform;
        _store = LsmStore.Open(Path.Combine(platform.Options.Folder, "tables"), options ?? new LsmOptions(), Clock);
    }

    /// <summary>How long the name of a deleted table cannot be used again; the service needs 40 s or more.</summary>
    public TimeSpan DeletionDelay { get; set; } = TimeSpan.FromSeconds(40);

    private TimeProvider Clock => _platform.Options.Clock;

    /// <summary>The one store of a platform.</summary>
    public static TableStore Of(LocalPlatform platform) => platform.Service(platform => new TableStore(platform));

    public async Task<TableError?> CreateAsync(string name, CancellationToken cancellation)
    {
        var losesAnswer = await StrikeAsync(FaultOperations.TableManage, name, cancellation);
        _counters.AddManagement();
        var error = TableLimits.CheckTableName(name)
            ?? (IsBeingDeleted(name) ? TableError.TableBeingDeleted : null)
            ?? (Guarded(() => _store.Create(name)) is null ? TableError.TableAlreadyExists : null);
        return losesAnswer ? throw TableError.OperationTimedOut.ToException() : error;
    }

    public async Task<TableError?> DeleteAsync(string name, CancellationToken cancellation)
    {
        var losesAnswer = await StrikeAsync(FaultOperations.TableManage, name, cancellation);
        _counters.AddManagement();
        var isDropped = _store.Find(name) is { } table && Guarded(() => _store.Drop(table));
        if (isDropped && DeletionDelay > TimeSpan.Zero)
            _deletedAt[name] = Clock.GetTimestamp();
        return losesAnswer ? throw TableError.OperationTimedOut.ToException() : isDropped ? null : TableError.TableNotFound;
    }

    /// <summary>A page of the tables, by name.</summary>
    public async Task<Page<TableItem>> ListAsync(Filter? filter, string? continuation, int pageSize, CancellationToken cancellation)
    {
        var losesAnswer = await StrikeAsync(FaultOperations.TableManage, "", cancellation);
        _counters.AddManagement();
        var rest = _store.Tables
            .Select(table => table.Name)
            .Where(name => continuation is null || string.CompareOrdinal(name, continuation) >= 0)
            .Where(name => filter is null || IsListed(filter, name))
            .Take(pageSize + 1)
            .ToList();
        if (losesAnswer)
            throw TableError.OperationTimedOut.ToException();
        return Page<TableItem>.FromValues(
            [.. rest.Take(pageSize).Select(name => new TableItem(name))], rest.ElementAtOrDefault(pageSize), new LocalResponse(200));
    }

    /// <summary>One entity; null where it does not exist.</summary>
    /// <exception cref="RequestFailedException">The table does not exist, or a key is not valid.</exception>
    public async Task<T?> GetAsync<T>(string table, string partitionKey, string rowKey, HashSet<string>? select, CancellationToken cancellation)
        where T : class, ITableEntity
    {
        var losesAnswer = await StrikeAsync(FaultOperations.TableGet, table, cancellation);
        _counters.AddGet();
        if (TableLimits.CheckKeys(partitionKey, rowKey) is { } error)
            throw error.ToException();
        var entity = Get<T>(table, KeyCodec.Encode(partitionKey, rowKey), select);
        return losesAnswer ? throw TableError.OperationTimedOut.ToException() : entity;
    }

    /// <summary>A page of entities, by key, with the token of the next one where there may be more.</summary>
    /// <exception cref="RequestFailedException">The table does not exist, or the token is not one.</exception>
    public async Task<Page<T>> QueryAsync<T>(
        string table, TableQuery query, string? continuation, int pageSize, CancellationToken cancellation)
        where T : class, ITableEntity
    {
        var losesAnswer = await StrikeAsync(FaultOperations.TableQuery, table, cancellation);
        _counters.AddQueryPage();
        var entities = new List<T>();
        var next = Query(table, query, ContinuationToken.Parse(continuation), pageSize, entities, cancellation);
        return losesAnswer
            ? throw TableError.OperationTimedOut.ToException()
            : Page<T>.FromValues(entities, next, new LocalResponse(200));
    }

    /// <summary>Does all writes or none, durably, and gives the version that they share.</summary>
    /// <returns>Why nothing was done, or null.</returns>
    public async Task<(Refusal? Refusal, long Version)> WriteAsync(
        string tableName, IReadOnlyList<RowWrite> writes, string operation, CancellationToken cancellation)
    {
        var losesAnswer = await StrikeAsync(operation, tableName, cancellation);
        _counters.AddWrite(operation, writes.Count);
        var table = Find(tableName);
        using var transaction = Transaction.Prepare(table, writes, out var refusal);
        var version = 0L;
        if (refusal is null)
        {
            try
            {
                await _store.WaitForRoomAsync(cancellation);
                (refusal, version, var durable) = Commit(table, transaction);
                await durable.WaitAsync(cancellation);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                throw Broken(e);
            }
        }

        return losesAnswer ? throw TableError.OperationTimedOut.ToException() : (refusal, version);
    }

    public TableStoreStatistics Statistics() => _counters.Read(_store);

    /// <summary>Flushes and merges all that is due, and ends when that is done.</summary>
    public Task FlushAsync() => _store.FlushAsync();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static (Refusal? Refusal, long Version, Task Durable) Refused(TableError error) =>
        (new Refusal(error, null), 0, Task.CompletedTask);

    private (Refusal? Refusal, long Version, Task Durable) Commit(LsmTable table, Transaction transaction)
    {
        lock (table.WriteGate)
        {
            if (transaction.NeedsResolving)
            {
                using var view = table.Acquire();
                if (view is null)
                    return Refused(TableError.TableNotFound);
                if (transaction.Resolve(view) is { } refusal)
                    return (refusal, 0, Task.CompletedTask);
            }

            return _store.Commit(table, transaction.TakeBatch(), out var version) is { } durable
                ? (null, version, durable)
                : Refused(TableError.TableNotFound);
        }
    }

    private T? Get<T>(string table, byte[] key, HashSet<string>? select)
        where T : class, ITableEntity
    {
        using var view = Acquire(table);
        return view.TryGet(key, _store.DurableVersion, out var version, out var value)
            ? EntityMapper<T>.Map(key, version, value, select)
            : null;
    }

    // Fills a page; the token of the next one, or null at the end.
    private string? Query<T>(
        string table, TableQuery query, byte[]? start, int pageSize, List<T> entities, CancellationToken cancellation)
        where T : class, ITableEntity
    {
        using var view = Acquire(table);
        var (filter, plan, select) = query;
        var from = start is not null && start.AsSpan().SequenceCompareTo(plan.From) > 0 ? start : plan.From;
        var rows = view.Range(from, plan.To, plan.FilterHash, _store.DurableVersion);
        var began = Clock.GetTimestamp();
        var bytes = 0;
        for (var looked = 1; rows.MoveNext(); looked++)
        {
            if (entities.Count == pageSize || bytes >= MaxPageBytes)
                return ContinuationToken.Of(rows.Key);
            if (looked % RowsBetweenClockLooks == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                if (Clock.GetElapsedTime(began) >= MaxPageTime)
                    return ContinuationToken.Of(rows.Key);
            }

            if (filter is not null && !filter.Matches(new FilteredRow(rows.Key, rows.Version, rows.Value)))
                continue;
            entities.Add(EntityMapper<T>.Map(rows.Key, rows.Version, rows.Value, select));
            bytes += rows.Value.Length;
        }

        return null;
    }

    private LsmTable Find(string name) => _store.Find(name) ?? throw TableError.TableNotFound.ToException();

    private TableView Acquire(string name) => Find(name).Acquire() ?? throw TableError.TableNotFound.ToException();

    private bool IsBeingDeleted(string name)
    {
        foreach (var (deleted, at) in _deletedAt)
        {
            if (Clock.GetElapsedTime(at) >= DeletionDelay)
                _deletedAt.TryRemove(deleted, out _);
        }

        return _deletedAt.ContainsKey(name);
    }

    // A table as the row that filters for listing speak of.
    private static bool IsListed(Filter filter, string name)
    {
        using var writer = new ByteWriter(256);
        _ = EntityWriter.Write(new TableEntity("", "") { ["TableName"] = name }, writer, out _);
        return filter.Matches(new FilteredRow([0], 0, writer.Written));
    }

    private static T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Broken(e);
        }
    }

    private static RequestFailedException Broken(Exception e) =>
        new TableError(500, "InternalError", $"The server encountered an internal error. {e.Message}").ToException(e);

    // Carries out the fault that strikes, if any. Whether the answer is to be lost after all is done.
    private async ValueTask<bool> StrikeAsync(string operation, string target, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var fault = _platform.Faults.Draw(operation, target);
        switch (fault?.Kind)
        {
            case FaultKind.Fail:
                throw TableError.OperationTimedOut.ToException();
            case FaultKind.Throttle:
                throw TableError.ServerBusy.ToException();
            case FaultKind.Delay:
                await Task.Delay(fault.Delay, Clock, cancellation);
                return false;
            default:
                return fault?.Kind == FaultKind.LoseAnswer;
        }
    }
}
