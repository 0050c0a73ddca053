using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Alerting.Store;

/// <summary>The table of alerts.</summary>
internal sealed class AlertTable(TableServiceClient service) : IAlertTable
{
    private const string Property = "d";
    private const int PageRows = 200;

    private bool _isMade;

    /// <inheritdoc/>
    public async IAsyncEnumerable<AlertRow> ReadAsync(string from, string to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {AlertKeys.Partition} and RowKey ge {from} and RowKey lt {to}");
        await using var rows = service.GetTableClient(AlertKeys.Table).QueryAsync<TableEntity>(filter, PageRows, select: null, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await rows.MoveNextAsync())
                    break;
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                break;
            }
            catch (RequestFailedException e)
            {
                throw new StorageException($"reading: {e.Message}", true, e);
            }

            yield return new AlertRow(rows.Current.RowKey, rows.Current.GetBinary(Property)!, rows.Current.ETag.ToString());
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryWriteAsync(IReadOnlyList<AlertRowWrite> writes, CancellationToken cancellation)
    {
        try
        {
            var table = service.GetTableClient(AlertKeys.Table);
            if (!_isMade)
                await table.CreateIfNotExistsAsync(cancellation);
            _isMade = true;
            await table.SubmitTransactionAsync(writes.Select(Action), cancellation);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412 or 404)
        {
            return false;
        }
        catch (RequestFailedException e)
        {
            throw new StorageException($"writing: {e.Message}", true, e);
        }
    }

    private static TableTransactionAction Action(AlertRowWrite write)
    {
        var entity = new TableEntity(AlertKeys.Partition, write.Key);
        if (write.Data is not null)
            entity[Property] = write.Data;
        var tag = write.ETag is null ? default : new ETag(write.ETag);
        return new TableTransactionAction(
            write.Data is null ? TableTransactionActionType.Delete : write.ETag is null ? TableTransactionActionType.Add : TableTransactionActionType.UpdateReplace, entity, tag);
    }
}
