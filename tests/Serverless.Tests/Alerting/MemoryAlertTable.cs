using System.Globalization;
using System.Runtime.CompilerServices;
using Serverless.Functions.Alerting.Store;
using Serverless.Functions.Storage;

namespace Serverless.Tests.Alerting;

/// <summary>The table of alerts in memory, with failures as the storage has them: before a write, and after it.</summary>
internal sealed class MemoryAlertTable : IAlertTable
{
    private readonly SortedDictionary<string, AlertRow> _rows = new(StringComparer.Ordinal);
    private int _version;

    /// <summary>Asked before each write; true makes it fail without effect.</summary>
    public Func<bool> FailsBefore { get; set; } = () => false;

    /// <summary>Asked after each write; true makes it fail though it had its effect.</summary>
    public Func<bool> FailsAfter { get; set; } = () => false;

    public IEnumerable<string> Keys => _rows.Keys;

    public async IAsyncEnumerable<AlertRow> ReadAsync(string from, string to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        AlertRow[] rows;
        lock (_rows)
            rows = [.. _rows.Values.Where(row => string.CompareOrdinal(row.Key, from) >= 0 && string.CompareOrdinal(row.Key, to) < 0)];
        foreach (var row in rows)
            yield return row;
    }

    public async Task<bool> TryWriteAsync(IReadOnlyList<AlertRowWrite> writes, CancellationToken cancellation)
    {
        await Task.Yield();
        Assert.InRange(writes.Count, 1, IAlertTable.MaxWrites);
        Assert.Equal(writes.Count, writes.Select(w => w.Key).Distinct().Count());
        if (FailsBefore())
            throw new StorageException("before the write", true, new IOException());
        lock (_rows)
        {
            foreach (var write in writes)
            {
                if (_rows.GetValueOrDefault(write.Key)?.ETag != write.ETag)
                    return false;
            }

            foreach (var write in writes)
            {
                if (write.Data is null)
                    _rows.Remove(write.Key);
                else
                    _rows[write.Key] = new AlertRow(write.Key, write.Data, (++_version).ToString(CultureInfo.InvariantCulture));
            }
        }

        return FailsAfter() ? throw new StorageException("after the write", true, new IOException()) : true;
    }
}
