using Azure;
using Azure.Data.Tables;
using Serverless.Local;
using Serverless.Local.Tables;
using Serverless.Local.Tables.Storage;

namespace Serverless.Tests.Local.Tables;

/// <summary>A platform in a folder of its own, with the table <c>things</c> in it.</summary>
public abstract class TablesTest : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal ManualClock Clock { get; } = new();

    protected LocalPlatform Platform { get; private set; } = null!;

    protected TableServiceClient Service { get; private set; } = null!;

    protected TableClient Table { get; private set; } = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal virtual LsmOptions Options => new();

    public async ValueTask InitializeAsync()
    {
        Open();
        await Table.CreateAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Platform.DisposeAsync();
        _folder.Dispose();
    }

    protected async Task ReopenAsync()
    {
        await Platform.DisposeAsync();
        Open();
    }

    protected static TableEntity Entity(string partitionKey, string rowKey, params (string Name, object Value)[] properties)
    {
        var entity = new TableEntity(partitionKey, rowKey);
        foreach (var (name, value) in properties)
            entity[name] = value;
        return entity;
    }

    protected static TableTransactionAction Action(TableTransactionActionType type, TableEntity entity, ETag etag = default) =>
        new(type, entity, etag);

    protected async Task<ETag> AddAsync(string partitionKey, string rowKey, params (string Name, object Value)[] properties) =>
        (await Table.AddEntityAsync(Entity(partitionKey, rowKey, properties), Cancel)).Headers.ETag!.Value;

    protected async Task<TableEntity> GetAsync(string partitionKey, string rowKey) =>
        (await Table.GetEntityAsync<TableEntity>(partitionKey, rowKey, null, Cancel)).Value;

    protected async Task<bool> ExistsAsync(string partitionKey, string rowKey) =>
        (await Table.GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, null, Cancel)).HasValue;

    protected Task SubmitAsync(params TableTransactionAction[] actions) => Table.SubmitTransactionAsync(actions, Cancel);

    /// <summary>The keys that a query returns, each as <c>pk/rk</c>, with spaces between.</summary>
    protected async Task<string> KeysAsync(string? filter = null)
    {
        var keys = new List<string>();
        await foreach (var entity in Table.QueryAsync<TableEntity>(filter, cancellationToken: Cancel))
            keys.Add($"{entity.PartitionKey}/{entity.RowKey}");
        return string.Join(' ', keys);
    }

    protected async Task<List<Page<TableEntity>>> PagesAsync(string? filter = null, int? maxPerPage = null)
    {
        var pages = new List<Page<TableEntity>>();
        await foreach (var page in Table.QueryAsync<TableEntity>(filter, maxPerPage, cancellationToken: Cancel).AsPages())
            pages.Add(page);
        return pages;
    }

    protected static async Task<RequestFailedException> RefusedAsync(Func<Task> act, int status, string code)
    {
        var failure = await Assert.ThrowsAnyAsync<RequestFailedException>(act);
        Assert.Equal((status, code), (failure.Status, failure.ErrorCode));
        Assert.Contains($"Status: {status} ", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"ErrorCode: {code}", failure.Message, StringComparison.Ordinal);
        return failure;
    }

    private void Open()
    {
        Platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = _folder.Path, Clock = Clock });
        _ = Platform.Service(platform => new TableStore(platform, Options));
        Service = new TableServiceClient(Platform.ConnectionString);
        Table = Service.GetTableClient("things");
    }
}
