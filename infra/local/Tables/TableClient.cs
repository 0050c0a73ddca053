using Azure.Core;
using Azure.Data.Tables.Models;
using Serverless.Local;
using Serverless.Local.Tables;
using Serverless.Local.Tables.Filters;

namespace Azure.Data.Tables;

/// <summary>Reads and writes the entities of a table.</summary>
public class TableClient
{
    private readonly TableStore _store = null!;

    /// <summary>A table of the platform that the connection string names, or of the current one.</summary>
    public TableClient(string connectionString, string tableName)
        : this(TableStore.Of(LocalPlatform.Find(NotEmpty(connectionString))), tableName)
    {
    }

    /// <summary>A table of the current platform; address and credential stand for a service elsewhere and are not used.</summary>
    public TableClient(Uri endpoint, string tableName, TokenCredential tokenCredential, TableClientOptions? options = null)
        : this(TableStore.Of(LocalPlatform.Find(null)), tableName)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(tokenCredential);
    }

    internal TableClient(TableStore store, string tableName)
    {
        _store = store;
        Name = NotEmpty(tableName);
    }

    /// <summary>For mocks.</summary>
    protected TableClient()
    {
    }

    /// <summary>The table's name.</summary>
    public virtual string Name { get; } = "";

    /// <summary>Writes a filter's interpolated values as constants: quoted, and marked with their types.</summary>
    public static string CreateQueryFilter(FormattableString filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return QueryFilterFormat.Format(filter);
    }

    /// <summary>Creates the table.</summary>
    /// <exception cref="RequestFailedException">409 TableAlreadyExists or TableBeingDeleted; 400 for a name that is not valid.</exception>
    public virtual async Task<Response<TableItem>> CreateAsync(CancellationToken cancellationToken = default)
    {
        var error = await _store.CreateAsync(Name, cancellationToken);
        return error is null ? Item(204) : throw error.ToException();
    }

    /// <summary>Creates the table unless it exists, in which case the answer's status is 409.</summary>
    /// <exception cref="RequestFailedException">409 TableBeingDeleted; 400 for a name that is not valid.</exception>
    public virtual async Task<Response<TableItem>> CreateIfNotExistsAsync(CancellationToken cancellationToken = default)
    {
        var error = await _store.CreateAsync(Name, cancellationToken);
        return error is null || error == TableError.TableAlreadyExists ? Item(error?.Status ?? 204) : throw error.ToException();
    }

    /// <summary>Deletes the table. Where there is none the answer's status is 404.</summary>
    public virtual async Task<Response> DeleteAsync(CancellationToken cancellationToken = default)
    {
        var error = await _store.DeleteAsync(Name, cancellationToken);
        return new LocalResponse(error?.Status ?? 204);
    }

    /// <summary>Adds an entity that must not exist.</summary>
    /// <exception cref="RequestFailedException">409 EntityAlreadyExists, or a limit's error.</exception>
    public virtual Task<Response> AddEntityAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : ITableEntity =>
        WriteAsync(RowWriteKind.Add, entity, ETag.All, cancellationToken);

    /// <summary>Reads an entity.</summary>
    /// <exception cref="RequestFailedException">404 ResourceNotFound, or TableNotFound.</exception>
    public virtual async Task<Response<T>> GetEntityAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        var entity = await GetAsync<T>(partitionKey, rowKey, select, cancellationToken);
        return entity is not null
            ? Response.FromValue(entity, new LocalResponse(200))
            : throw TableError.ResourceNotFound.ToException();
    }

    /// <summary>Reads an entity that may not exist.</summary>
    /// <exception cref="RequestFailedException">404 TableNotFound, or a limit's error.</exception>
    public virtual async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        var entity = await GetAsync<T>(partitionKey, rowKey, select, cancellationToken);
        return entity is not null
            ? Response.FromValue(entity, new LocalResponse(200))
            : new AbsentEntity<T>(new LocalResponse(404));
    }

    /// <summary>Updates an entity that must exist with this ETag; <see cref="ETag.All"/> for any.</summary>
    /// <exception cref="ArgumentException">There is no ETag.</exception>
    /// <exception cref="RequestFailedException">404 ResourceNotFound, 412 UpdateConditionNotSatisfied, or a limit's error.</exception>
    public virtual Task<Response> UpdateEntityAsync<T>(
        T entity, ETag ifMatch, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default)
        where T : ITableEntity
    {
        if (ifMatch == default)
            throw new ArgumentException("Value cannot be empty. Use the ETag of the entity that was read, or ETag.All.", nameof(ifMatch));
        var kind = mode == TableUpdateMode.Merge ? RowWriteKind.Merge : RowWriteKind.Replace;
        return WriteAsync(kind, entity, ifMatch, cancellationToken);
    }

    /// <summary>Updates an entity, or adds it.</summary>
    /// <exception cref="RequestFailedException">404 TableNotFound, or a limit's error.</exception>
    public virtual Task<Response> UpsertEntityAsync<T>(
        T entity, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default)
        where T : ITableEntity
    {
        var kind = mode == TableUpdateMode.Merge ? RowWriteKind.UpsertMerge : RowWriteKind.UpsertReplace;
        return WriteAsync(kind, entity, ETag.All, cancellationToken);
    }

    /// <summary>Deletes an entity; without an ETag whatever it is. Where there is none, or no table, the answer's status is 404.</summary>
    /// <exception cref="RequestFailedException">412 UpdateConditionNotSatisfied.</exception>
    public virtual async Task<Response> DeleteEntityAsync(
        string partitionKey, string rowKey, ETag ifMatch = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        ArgumentNullException.ThrowIfNull(rowKey);
        try
        {
            return await WriteAsync(
                RowWriteKind.Delete, new TableEntity(partitionKey, rowKey), ifMatch == default ? ETag.All : ifMatch, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return new LocalResponse(404);
        }
    }

    /// <summary>Deletes an entity by its keys; its own ETag does not count.</summary>
    /// <exception cref="RequestFailedException">412 UpdateConditionNotSatisfied.</exception>
    public virtual Task<Response> DeleteEntityAsync(
        ITableEntity entity, ETag ifMatch = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        return DeleteEntityAsync(entity.PartitionKey, entity.RowKey, ifMatch, cancellationToken);
    }

    /// <summary>
    /// Reads the entities that a filter matches, by PartitionKey and RowKey, in pages of at most
    /// <paramref name="maxPerPage"/> (and 1,000). A page may be short, or empty with more to come.
    /// </summary>
    /// <exception cref="RequestFailedException">While it is read: 400 InvalidInput for the filter or page size, 404 TableNotFound.</exception>
    public virtual AsyncPageable<T> QueryAsync<T>(
        string? filter = null, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        TableQuery? query = null;
        return new TablePageable<T>(
            (continuation, pageSize, cancellation) => _store.QueryAsync<T>(
                Name, query ??= TableQuery.Parse(filter, select), continuation, TableQuery.PageSize(pageSize), cancellation),
            maxPerPage,
            cancellationToken);
    }

    /// <summary>Does up to 100 operations on entities of one partition, all or none.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    /// <exception cref="TableTransactionFailedException">One was refused; nothing was done.</exception>
    public virtual async Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(
        IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transactionActions);
        var writes = transactionActions.Select(RowWrite.Of).ToArray();
        if (writes.Length == 0)
            throw new InvalidOperationException("The transaction has no actions.");
        var (refusal, version) = await _store.WriteAsync(Name, writes, FaultOperations.TableTransaction, cancellationToken);
        if (refusal is { Index: { } index })
            throw new TableTransactionFailedException(refusal.Error.ToException(index));
        if (refusal is not null)
            throw refusal.Error.ToException();

        // The operations share a version, and so their answers.
        var written = new LocalResponse(204, version);
        var deleted = new LocalResponse(204);
        var answers = new Response[writes.Length];
        for (var i = 0; i < answers.Length; i++)
            answers[i] = writes[i].Kind == RowWriteKind.Delete ? deleted : written;
        return Response.FromValue<IReadOnlyList<Response>>(answers, new LocalResponse(202));
    }

    private async Task<Response> WriteAsync(RowWriteKind kind, ITableEntity entity, ETag condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var (refusal, version) = await _store.WriteAsync(
            Name, [new RowWrite(kind, entity, condition)], FaultOperations.TableWrite, cancellationToken);
        return refusal is null
            ? new LocalResponse(204, kind == RowWriteKind.Delete ? 0 : version)
            : throw refusal.Error.ToException();
    }

    private Task<T?> GetAsync<T>(string partitionKey, string rowKey, IEnumerable<string>? select, CancellationToken cancellationToken)
        where T : class, ITableEntity
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        ArgumentNullException.ThrowIfNull(rowKey);
        return _store.GetAsync<T>(Name, partitionKey, rowKey, TableQuery.Names(select), cancellationToken);
    }

    private Response<TableItem> Item(int status) => Response.FromValue(new TableItem(Name), new LocalResponse(status));

    private static string NotEmpty(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return text;
    }
}
