using System.Runtime.CompilerServices;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Probing;

/// <summary>The rows of probes, in the table of the day of their minute.</summary>
public sealed class ProbeStore(TableStorage storage, DayTables tables)
{
    private const int PageRows = 500;

    /// <summary>Notes a probe under the condition that nobody else did since it was read; a new one, that there is none.</summary>
    /// <returns>False where somebody did.</returns>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public async Task<bool> TryWriteAsync(ProbeRow row, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(row);
        try
        {
            await storage.WriteTogetherAsync(Table(row.Minute), ProbeRow.Partition, [RowWrite.IfUnchanged(row.ToRow(), row.ETag)], cancellation);
            return true;
        }
        catch (StorageConflictException)
        {
            return false;
        }
    }

    /// <summary>The probes of the minutes in [from, to), the newest first.</summary>
    /// <exception cref="StorageException">They cannot be read.</exception>
    /// <exception cref="FormatException">A row is damaged.</exception>
    public async IAsyncEnumerable<ProbeRow> ReadAsync(DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (first, last) = (DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(to.UtcDateTime));
        foreach (var day in await tables.DaysAsync(DayTables.Probes, cancellation))
        {
            if (day < first || day > last)
                continue;
            await foreach (var row in storage.ReadAsync(DayTables.Name(DayTables.Probes, day), ProbeRow.Partition, "", null, PageRows, cancellation))
            {
                var probe = ProbeRow.FromRow(row);
                if (probe.Minute < from)
                    break;
                if (probe.Minute < to)
                    yield return probe;
            }
        }
    }

    private static string Table(DateTimeOffset minute) => DayTables.Name(DayTables.Probes, DateOnly.FromDateTime(minute.UtcDateTime));
}
