using System.Text;
using Serverless.Functions.Storage;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>Reads the names that people choose from when they search: those of every retained day, sorted, each once.</summary>
public sealed class NameReader(TableStorage storage, DayTables tables)
{
    private const int PageRows = 1_000;

    // What a list of names is good for ends far below this.
    private const int MostNames = 20_000;

    /// <summary>The services, as sent; the empty name of spans without a service is left out.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<IReadOnlyList<string>> ServicesAsync(CancellationToken cancellation) =>
        Names(await ReadAsync(NameKeys.Services, "", null, cancellation));

    /// <summary>The operations of a service, by name; of one kind where one is given.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<IReadOnlyList<OperationName>> OperationsAsync(string service, SpanKind? kind, CancellationToken cancellation) =>
        [.. (await ReadBelowAsync(NameKeys.Operations, service, cancellation))
            .Select(row => new OperationName(Text(row), NameKeys.Kind(row.RowKey)))
            .Where(operation => operation.Name.Length > 0 && (kind is null || operation.Kind == kind))
            .Distinct()
            .OrderBy(operation => operation.Name, StringComparer.Ordinal).ThenBy(operation => operation.Kind)];

    /// <summary>The services on the other side of a service's calls.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<IReadOnlyList<string>> RemoteServicesAsync(string service, CancellationToken cancellation) =>
        Names(await ReadBelowAsync(NameKeys.RemoteServices, service, cancellation));

    /// <summary>The keys of a service's attributes.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<IReadOnlyList<string>> TagKeysAsync(string service, CancellationToken cancellation) =>
        Names(await ReadBelowAsync(NameKeys.TagKeys, service, cancellation));

    /// <summary>The keys of all services' attributes.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<IReadOnlyList<string>> TagKeysAsync(CancellationToken cancellation) =>
        Names(await ReadAsync(NameKeys.TagKeys, "", null, cancellation));

    /// <summary>The values noted of a key whose values are noted (<see cref="TracingSettings.AutocompleteKeys"/>).</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<IReadOnlyList<string>> TagValuesAsync(string key, CancellationToken cancellation) =>
        Names(await ReadBelowAsync(NameKeys.TagValues, key, cancellation));

    private Task<List<StoredRow>> ReadBelowAsync(string partition, string service, CancellationToken cancellation)
    {
        var (from, to) = RowKeys.Under(service);
        return ReadAsync(partition, from, to, cancellation);
    }

    private async Task<List<StoredRow>> ReadAsync(string partition, string from, string? to, CancellationToken cancellation)
    {
        var rows = new List<StoredRow>();
        foreach (var day in await tables.DaysAsync(DayTables.Names, cancellation))
        {
            var table = DayTables.Name(DayTables.Names, day);
            await foreach (var row in storage.ReadAsync(table, partition, from, to, PageRows, cancellation))
            {
                rows.Add(row);
                if (rows.Count >= MostNames)
                    return rows;
            }
        }

        return rows;
    }

    private static string[] Names(List<StoredRow> rows) =>
        [.. rows.Select(Text).Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal)];

    private static string Text(StoredRow row) => Encoding.UTF8.GetString(row.Data);
}
