using System.Runtime.CompilerServices;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Alerting.Store;

/// <summary>The rows of alerts in the table storage.</summary>
internal sealed class AlertTable(TableStorage storage) : IAlertTable
{
    private const int PageRows = 200;

    /// <inheritdoc/>
    public async IAsyncEnumerable<AlertRow> ReadAsync(string from, string to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in storage.ReadAsync(AlertKeys.Table, AlertKeys.Partition, from, to, PageRows, cancellation))
            yield return new AlertRow(row.RowKey, row.Data, row.ETag!);
    }

    /// <inheritdoc/>
    public async Task<bool> TryWriteAsync(IReadOnlyList<AlertRowWrite> writes, CancellationToken cancellation)
    {
        try
        {
            await storage.WriteTogetherAsync(AlertKeys.Table, AlertKeys.Partition, [.. writes.Select(Write)], cancellation);
            return true;
        }
        catch (StorageConflictException)
        {
            return false;
        }
    }

    private static RowWrite Write(AlertRowWrite write) => write.Data is { } data
        ? RowWrite.IfUnchanged(new StoredRow(write.Key, data), write.ETag)
        : RowWrite.Delete(write.Key, write.ETag);
}
