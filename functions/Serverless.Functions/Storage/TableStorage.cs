using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Serverless.Functions.Accounting;

namespace Serverless.Functions.Storage;

/// <summary>
/// The table storage: the one place that speaks to it. Rows are keys with bytes; what the bytes mean is their owners' affair.
/// </summary>
public sealed class TableStorage(TableServiceClient service, WorkCounts? work = null)
{
    /// <summary>The name of the setting that says where the tables are.</summary>
    public const string Connection = "TablesConnection";

    /// <summary>The most bytes a row holds: an entity has 1 MiB in all, keys, names and overhead included.</summary>
    public const int MaxRowBytes = EntityContent.MaxBytes;

    /// <summary>The most rows of one transaction; rows that are written together and are no more are written all or not at all.</summary>
    public const int MaxOperations = 100;

    /// <summary>
    /// The most bytes of one transaction's rows: the service takes 4 MiB of request, in which bytes travel as base64 and each row
    /// brings about 1 kB around them.
    /// </summary>
    public const int MaxTransactionBytes = 2_500_000;

    private const int TablesOfPage = 1_000;

    private const int NotFound = 404;
    private const int Conflict = 409;
    private const int TooManyRequests = 429;
    private const int ServiceUnavailable = 503;
    private const int RequestTimeout = 408;

    // What says that a condition does not hold; other errors of the same status are about the table.
    private static readonly string[] Conflicts = ["EntityAlreadyExists", "UpdateConditionNotSatisfied", "ResourceNotFound"];

    private readonly ConcurrentDictionary<string, bool> _created = new();

    /// <summary>
    /// Inserts or replaces rows of one partition, in as few transactions as the service's limits allow. Each transaction is
    /// all or nothing; all of them are idempotent. Makes the table where it is missing.
    /// </summary>
    /// <returns>How many transactions it took.</returns>
    /// <exception cref="StorageException">The service refused or failed.</exception>
    public async Task<int> WriteAsync(string table, string partitionKey, IReadOnlyList<StoredRow> rows, CancellationToken cancellation)
    {
        var client = await TableAsync(table, cancellation);
        var actions = new List<TableTransactionAction>(Math.Min(rows.Count, MaxOperations));
        var transactions = 0;
        var bytes = 0;
        var stored = 0L;
        foreach (var row in rows)
        {
            if (actions.Count == MaxOperations || (actions.Count > 0 && bytes + row.Data.Length > MaxTransactionBytes))
            {
                await SubmitAsync(client, actions, stored, cancellation);
                transactions++;
                actions.Clear();
                bytes = 0;
                stored = 0;
            }

            actions.Add(new TableTransactionAction(TableTransactionActionType.UpsertReplace, EntityContent.Of(partitionKey, row)));
            bytes += row.Data.Length;
            stored += EntitySize.Of(partitionKey, row.RowKey, row.Data.Length);
        }

        if (actions.Count > 0)
        {
            await SubmitAsync(client, actions, stored, cancellation);
            transactions++;
        }

        return transactions;
    }

    /// <summary>Writes and deletes rows of one partition in one transaction, all or nothing, each under its condition. Makes the table where it is missing.</summary>
    /// <param name="table">The table.</param>
    /// <param name="partitionKey">The partition.</param>
    /// <param name="writes">At most <see cref="MaxOperations"/> with at most <see cref="MaxTransactionBytes"/>, each row once.</param>
    /// <param name="cancellation">Ends the waiting; the transaction may be done or not.</param>
    /// <exception cref="StorageConflictException">A condition does not hold; nothing was done. An earlier try whose answer was lost looks the same.</exception>
    /// <exception cref="StorageException">The service refused or failed; the transaction may be done or not.</exception>
    public async Task WriteTogetherAsync(string table, string partitionKey, IReadOnlyList<RowWrite> writes, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(writes);
        var client = await TableAsync(table, cancellation);
        var actions = new List<TableTransactionAction>(writes.Count);
        var stored = 0L;
        foreach (var write in writes)
        {
            actions.Add(EntityContent.Action(partitionKey, write));
            // What replaces a row is about as long as that was.
            stored += write.Condition == RowCondition.IfAbsent ? EntitySize.Of(partitionKey, write.RowKey, write.Data.Length) : 0;
        }

        try
        {
            await SubmitAsync(client, actions, stored, cancellation);
        }
        catch (StorageException e) when (e.InnerException is RequestFailedException { ErrorCode: { } code } && Array.IndexOf(Conflicts, code) >= 0)
        {
            throw new StorageConflictException(e.Message, e.InnerException);
        }
    }

    /// <summary>Reads one row; null where there is none, or no table.</summary>
    /// <exception cref="StorageException">The service refused or failed.</exception>
    public async Task<StoredRow?> ReadAsync(string table, string partitionKey, string rowKey, CancellationToken cancellation)
    {
        try
        {
            work?.Add(WorkCounts.Transactions, "read");
            var found = await service.GetTableClient(table).GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, cancellationToken: cancellation);
            return found.HasValue ? EntityContent.Row(found.Value!) : null;
        }
        catch (RequestFailedException e) when (e.Status == NotFound)
        {
            return null;
        }
        catch (RequestFailedException e)
        {
            throw Translate(e, $"reading from table {table}");
        }
    }

    /// <summary>
    /// Reads the rows of a partition whose keys are in [from, to), in order, page by page; without a <paramref name="to"/> to the
    /// end. A table that does not exist has none.
    /// </summary>
    /// <exception cref="StorageException">The service refused or failed.</exception>
    public async IAsyncEnumerable<StoredRow> ReadAsync(
        string table, string partitionKey, string from, string? to, int pageRows, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var pages = Pages(table, partitionKey, from, to, pageRows, cancellation);
        while (await NextAsync(pages, table))
        {
            foreach (var entity in pages.Current.Values)
                yield return EntityContent.Row(entity);
        }
    }

    /// <summary>The same as a list, for ranges of few rows: it is read thousands of times a second.</summary>
    /// <exception cref="StorageException">The service refused or failed.</exception>
    public async Task<List<StoredRow>> ReadAllAsync(string table, string partitionKey, string from, string to, int pageRows, CancellationToken cancellation)
    {
        var rows = new List<StoredRow>();
        await using var pages = Pages(table, partitionKey, from, to, pageRows, cancellation);
        while (await NextAsync(pages, table))
        {
            foreach (var entity in pages.Current.Values)
                rows.Add(EntityContent.Row(entity));
        }

        return rows;
    }

    /// <summary>Says that rows, which counted as stored when they were written, are about to be deleted.</summary>
    /// <param name="table">The table.</param>
    /// <param name="partitionKey">Their partition.</param>
    /// <param name="rowKeys">Their keys.</param>
    /// <param name="dataBytes">The bytes of their content, together.</param>
    public void CountDeletion(string table, string partitionKey, IReadOnlyCollection<string> rowKeys, long dataBytes)
    {
        ArgumentNullException.ThrowIfNull(rowKeys);
        CountStored(table, -rowKeys.Sum(key => EntitySize.Of(partitionKey, key, 0)) - dataBytes);
    }

    /// <summary>Deletes a row; one that does not exist is deleted already.</summary>
    /// <exception cref="StorageException">The service refused or failed.</exception>
    public async Task DeleteAsync(string table, string partitionKey, string rowKey, CancellationToken cancellation)
    {
        try
        {
            work?.Add(WorkCounts.Transactions, "delete");
            await service.GetTableClient(table).DeleteEntityAsync(partitionKey, rowKey, ETag.All, cancellation);
        }
        catch (RequestFailedException e)
        {
            throw Translate(e, $"deleting from table {table}");
        }
    }

    /// <summary>Deletes rows of one partition, in as few transactions as the service's limits allow; those that do not exist are deleted already.</summary>
    /// <returns>How many transactions it took.</returns>
    /// <exception cref="StorageException">The service refused or failed; some may be deleted.</exception>
    public async Task<int> DeleteAsync(string table, string partitionKey, IReadOnlyList<string> rowKeys, CancellationToken cancellation)
    {
        var client = service.GetTableClient(table);
        var transactions = 0;
        foreach (var keys in rowKeys.Distinct(StringComparer.Ordinal).Chunk(MaxOperations))
            transactions += await DeleteTogetherAsync(client, partitionKey, keys, cancellation);
        return transactions;
    }

    /// <summary>The names of all tables.</summary>
    /// <exception cref="StorageException">The service refused or failed.</exception>
    public async Task<IReadOnlyList<string>> TablesAsync(CancellationToken cancellation)
    {
        try
        {
            var names = new List<string>();
            work?.Add(WorkCounts.Transactions, "table");
            await foreach (var table in service.QueryAsync((string?)null, cancellationToken: cancellation))
            {
                // A page has a thousand.
                if (names.Count > 0 && names.Count % TablesOfPage == 0)
                    work?.Add(WorkCounts.Transactions, "table");
                names.Add(table.Name);
            }

            return names;
        }
        catch (RequestFailedException e)
        {
            throw Translate(e, "listing the tables");
        }
    }

    /// <summary>Deletes a table with all that is in it.</summary>
    /// <exception cref="StorageException">The service refused or failed.</exception>
    public async Task DropAsync(string table, CancellationToken cancellation)
    {
        try
        {
            _created.TryRemove(table, out _);
            work?.Add(WorkCounts.Transactions, "table");
            await service.DeleteTableAsync(table, cancellation);
        }
        catch (RequestFailedException e)
        {
            throw Translate(e, $"deleting table {table}");
        }
    }

    private IAsyncEnumerator<Page<TableEntity>> Pages(
        string table, string partitionKey, string from, string? to, int pageRows, CancellationToken cancellation)
    {
        var filter = to is null
            ? TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {from}")
            : TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {from} and RowKey lt {to}");
        return service.GetTableClient(table).QueryAsync<TableEntity>(filter, pageRows, select: null, cancellation).AsPages().GetAsyncEnumerator(cancellation);
    }

    // False behind the last page, and where there is no table.
    private async ValueTask<bool> NextAsync(IAsyncEnumerator<Page<TableEntity>> pages, string table)
    {
        try
        {
            work?.Add(WorkCounts.Transactions, "list");
            return await pages.MoveNextAsync();
        }
        catch (RequestFailedException e) when (e.Status == NotFound)
        {
            return false;
        }
        catch (RequestFailedException e)
        {
            throw Translate(e, $"reading table {table}");
        }
    }

    private async ValueTask<TableClient> TableAsync(string table, CancellationToken cancellation)
    {
        var client = service.GetTableClient(table);
        if (_created.ContainsKey(table))
            return client;
        try
        {
            work?.Add(WorkCounts.Transactions, "table");
            await client.CreateIfNotExistsAsync(cancellation);
            _created[table] = true;
            return client;
        }
        catch (RequestFailedException e)
        {
            throw Translate(e, $"making table {table}");
        }
    }

    private async Task SubmitAsync(TableClient client, List<TableTransactionAction> actions, long stored, CancellationToken cancellation)
    {
        try
        {
            work?.Add(WorkCounts.Transactions, "write");
            await client.SubmitTransactionAsync(actions, cancellation);
            CountStored(client.Name, stored);
        }
        catch (RequestFailedException e)
        {
            // Somebody deleted the table since it was made; the caller's retry makes it again.
            if (e.Status == NotFound)
                _created.TryRemove(client.Name, out _);
            throw Translate(e, $"writing {actions.Count} rows to table {client.Name}");
        }
    }

    private async Task<int> DeleteTogetherAsync(TableClient client, string partitionKey, string[] keys, CancellationToken cancellation)
    {
        try
        {
            work?.Add(WorkCounts.Transactions, "delete");
            await client.SubmitTransactionAsync(
                keys.Select(key => new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(partitionKey, key), ETag.All)), cancellation);
            return 1;
        }
        catch (RequestFailedException e) when (e.Status == NotFound)
        {
            // One that is not there any more fails the whole transaction: an earlier try got so far.
            foreach (var key in keys)
                await DeleteAsync(client.Name, partitionKey, key, cancellation);
            return 1 + keys.Length;
        }
        catch (RequestFailedException e)
        {
            throw Translate(e, $"deleting {keys.Length} rows from table {client.Name}");
        }
    }

    private void CountStored(string table, long bytes)
    {
        if (work is not null && DayTables.KindOf(table) is { } kind)
            work.Add(WorkCounts.StoredBytes, kind, bytes);
    }

    private StorageException Translate(RequestFailedException e, string doing)
    {
        if (e.Status is TooManyRequests or ServiceUnavailable)
            work?.Add(WorkCounts.Throttled, doing.StartsWith("reading", StringComparison.Ordinal) || doing.StartsWith("listing", StringComparison.Ordinal) ? "read" : "write");
        return new StorageException(
            $"{e.ErrorCode ?? "No answer"} ({e.Status}) while {doing}: {e.Message}",
            e.Status is 0 or >= 500 or NotFound or Conflict or RequestTimeout or TooManyRequests, e);
    }
}
