using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Querying;

/// <summary>
/// Traces that outlive retention: copies of their rows, under the same keys, in a table of their own that is not a day's. The same rows are
/// the same copies, so that archiving again adds what has come since and changes nothing else.
/// </summary>
public sealed class TraceArchive(TableStorage storage)
{
    /// <summary>The table.</summary>
    public const string Table = "archive";

    private const int PageRows = 1_000;

    /// <summary>Copies rows of traces whose ids have the same low 64 bits.</summary>
    /// <exception cref="StorageException">The table cannot be written; a part may have been, which is no harm.</exception>
    public async Task AddAsync(ulong traceLow, IReadOnlyList<StoredRow> rows, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(rows);
        // The first part of what was cut into several comes last: without it the others do not count.
        StoredRow[] copies = [.. rows.DistinctBy(row => row.RowKey).OrderByDescending(row => row.RowKey, StringComparer.Ordinal)];
        await storage.WriteAsync(Table, RowKeys.Shard(Shards.Of(traceLow)), copies, cancellation);
    }

    /// <summary>The rows in the archive of traces whose ids have these low 64 bits, by key; none where nothing was ever archived.</summary>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    public async Task<List<StoredRow>> ReadAsync(ulong traceLow, CancellationToken cancellation)
    {
        var rows = new List<StoredRow>();
        var (from, to) = RowKeys.TraceRange(traceLow);
        await foreach (var row in storage.ReadAsync(Table, RowKeys.Shard(Shards.Of(traceLow)), from, to, PageRows, cancellation))
        {
            if (RowKeys.IsFirstPart(row.RowKey) || (rows.Count > 0 && RowKeys.AreOfOneBatch(rows[^1].RowKey, row.RowKey)))
                rows.Add(row);
        }

        return rows;
    }
}
