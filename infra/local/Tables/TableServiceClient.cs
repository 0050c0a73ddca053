using Azure.Core;
using Azure.Data.Tables.Models;
using Serverless.Local;
using Serverless.Local.Tables;

namespace Azure.Data.Tables;

/// <summary>Creates, deletes and lists tables.</summary>
public class TableServiceClient
{
    private readonly TableStore _store = null!;

    /// <summary>The platform that the connection string names, or the current one.</summary>
    public TableServiceClient(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        _store = TableStore.Of(LocalPlatform.Find(connectionString));
    }

    /// <summary>The current platform; address and credential stand for a service elsewhere and are not used.</summary>
    public TableServiceClient(Uri endpoint, TokenCredential tokenCredential, TableClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(tokenCredential);
        _store = TableStore.Of(LocalPlatform.Find(null));
    }

    /// <summary>For mocks.</summary>
    protected TableServiceClient()
    {
    }

    /// <summary>A client of a table, which need not exist.</summary>
    public virtual TableClient GetTableClient(string tableName) => new(_store, tableName);

    /// <summary>Creates a table.</summary>
    /// <exception cref="RequestFailedException">409 TableAlreadyExists or TableBeingDeleted; 400 for a name that is not valid.</exception>
    public virtual Task<Response<TableItem>> CreateTableAsync(string tableName, CancellationToken cancellationToken = default) =>
        GetTableClient(tableName).CreateAsync(cancellationToken);

    /// <summary>Creates a table unless it exists.</summary>
    /// <exception cref="RequestFailedException">409 TableBeingDeleted; 400 for a name that is not valid.</exception>
    public virtual Task<Response<TableItem>> CreateTableIfNotExistsAsync(string tableName, CancellationToken cancellationToken = default) =>
        GetTableClient(tableName).CreateIfNotExistsAsync(cancellationToken);

    /// <summary>Deletes a table. Where there is none the answer's status is 404.</summary>
    public virtual Task<Response> DeleteTableAsync(string tableName, CancellationToken cancellationToken = default) =>
        GetTableClient(tableName).DeleteAsync(cancellationToken);

    /// <summary>Lists the tables by name; a filter speaks of their <c>TableName</c>.</summary>
    public virtual AsyncPageable<TableItem> QueryAsync(
        string? filter = null, int? maxPerPage = null, CancellationToken cancellationToken = default) =>
        new TablePageable<TableItem>(
            (continuation, pageSize, cancellation) =>
                _store.ListAsync(TableQuery.Parse(filter, null).Filter, continuation, TableQuery.PageSize(pageSize), cancellation),
            maxPerPage,
            cancellationToken);
}
