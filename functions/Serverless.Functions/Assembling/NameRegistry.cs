using System.Text;
using Serverless.Functions.Accounting;
using Serverless.Functions.Storage;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Assembling;

/// <summary>
/// Writes the names that people choose from when they search, table <c>names</c>, when they are not yet known. What is known
/// is a hint of this process: a name that is written again is the same row.
/// </summary>
internal sealed class NameRegistry(TableStorage storage, DayTables tables, SpanCounters counters)
{
    private const int MostKnown = 200_000;

    // A service whose span names hold ids would otherwise fill the list that people choose from.
    private const int MostPerServiceAndDay = 10_000;

    // A key whose values are never the same, such as an id, would otherwise fill the table.
    private const int MostValuesPerKeyAndDay = 1_000;

    private readonly Lock _gate = new();
    private readonly HashSet<(string Partition, string RowKey)> _known = [];
    private readonly Dictionary<(string Partition, string Service), int> _perService = [];
    private string _table = "";

    /// <summary>Writes what is new among the names.</summary>
    /// <returns>How many transactions it took.</returns>
    /// <exception cref="StorageException">The service refused or failed; the names stay unknown.</exception>
    public async Task<int> WriteAsync(
        IReadOnlyList<SeenOperation> operations,
        IReadOnlyList<SeenRemoteService> remoteServices,
        IReadOnlyList<SeenTagKey> tagKeys,
        IReadOnlyList<SeenTagValue> tagValues,
        CancellationToken cancellation)
    {
        var table = tables.Today(DayTables.Names);
        var fresh = new Dictionary<string, List<StoredRow>>();
        lock (_gate)
        {
            ForgetIfStale(table);
            foreach (var seen in operations)
            {
                AddIfNew(fresh, NameKeys.Services, seen.ServiceName, NameKeys.Service(seen.ServiceName), seen.ServiceName);
                AddIfNew(fresh, NameKeys.Operations, seen.ServiceName, NameKeys.Operation(seen.ServiceName, seen.Kind, seen.Name), seen.Name);
            }

            foreach (var seen in remoteServices)
                AddIfNew(fresh, NameKeys.RemoteServices, seen.ServiceName, NameKeys.Item(seen.ServiceName, seen.RemoteServiceName), seen.RemoteServiceName);
            foreach (var seen in tagKeys)
                AddIfNew(fresh, NameKeys.TagKeys, seen.ServiceName, NameKeys.Item(seen.ServiceName, seen.Key), seen.Key);
            foreach (var seen in tagValues)
                AddIfNew(fresh, NameKeys.TagValues, seen.Key, NameKeys.Item(seen.Key, seen.Value), seen.Value, MostValuesPerKeyAndDay);
        }

        var transactions = 0;
        foreach (var (partition, rows) in fresh)
            transactions += await storage.WriteAsync(table, partition, rows, cancellation);
        lock (_gate)
        {
            foreach (var (partition, rows) in fresh)
            {
                foreach (var row in rows)
                    _known.Add((partition, row.RowKey));
            }
        }

        return transactions;
    }

    private void ForgetIfStale(string table)
    {
        if (table == _table && _known.Count < MostKnown)
            return;
        _table = table;
        _known.Clear();
        _perService.Clear();
    }

    private void AddIfNew(
        Dictionary<string, List<StoredRow>> fresh, string partition, string service, string rowKey, string name, int most = MostPerServiceAndDay)
    {
        if (_known.Contains((partition, rowKey)))
            return;
        if (!fresh.TryGetValue(partition, out var rows))
            fresh.Add(partition, rows = []);
        if (rows.Exists(row => row.RowKey == rowKey))
            return;
        var count = _perService.GetValueOrDefault((partition, service));
        if (count >= most)
        {
            counters.NamesOverLimit(1);
            return;
        }

        _perService[(partition, service)] = count + 1;
        rows.Add(new StoredRow(rowKey, Encoding.UTF8.GetBytes(name)));
    }
}
