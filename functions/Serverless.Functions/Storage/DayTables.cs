using System.Globalization;

namespace Serverless.Functions.Storage;

/// <summary>
/// The tables of a kind, one for each day on which spans arrived (UTC), so that retention drops whole tables. The list of
/// those that exist is a hint that is renewed after a few seconds; today's is always taken to exist.
/// </summary>
public sealed class DayTables(TableStorage storage, TimeProvider clock)
{
    /// <summary>Trace rows.</summary>
    public const string Spans = "spans";

    /// <summary>Search blocks.</summary>
    public const string Search = "search";

    /// <summary>Names of services, operations, remote services and tag keys.</summary>
    public const string Names = "names";

    /// <summary>Receipts of assembled batches.</summary>
    public const string Receipts = "receipts";

    /// <summary>Events that could not be decoded.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>Aggregates of finalized traces.</summary>
    public const string Aggregates = "aggregates";

    /// <summary>Calls that traces begin with and end with, of which breaks of propagation are found.</summary>
    public const string Fragments = "fragments";

    /// <summary>Traces by what is said of them.</summary>
    public const string Verdicts = "verdicts";

    /// <summary>The ledger's closed minutes.</summary>
    public const string Ledger = "ledger";

    /// <summary>Samples of refused requests.</summary>
    public const string Refused = "refused";

    /// <summary>The prober's results.</summary>
    public const string Probes = "probes";

    private const string DayFormat = "yyyyMMdd";

    private static readonly string[] Kinds = [Spans, Search, Names, Receipts, Quarantine, Aggregates, Fragments, Verdicts, Ledger, Refused, Probes];
    private static readonly TimeSpan HintAge = TimeSpan.FromSeconds(5);

    private volatile Hint _hint = new([], DateTimeOffset.MinValue);

    /// <summary>The kind of a table; null where it is not one of a day.</summary>
    public static string? KindOf(string table)
    {
        foreach (var kind in Kinds)
        {
            if (table.Length == kind.Length + DayFormat.Length && table.StartsWith(kind, StringComparison.OrdinalIgnoreCase) && char.IsAsciiDigit(table[^1]))
                return kind;
        }

        return null;
    }

    /// <summary>The table of a kind for the spans that arrive now.</summary>
    public string Today(string kind) => Name(kind, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));

    /// <summary>The table of a kind and a day.</summary>
    public static string Name(string kind, DateOnly day) => kind + day.ToString(DayFormat, CultureInfo.InvariantCulture);

    /// <summary>The days, newest first, that have a table of a kind.</summary>
    /// <exception cref="StorageException">The tables cannot be listed.</exception>
    public async ValueTask<IReadOnlyList<DateOnly>> DaysAsync(string kind, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var hint = _hint;
        if (now - hint.At > HintAge || now < hint.At)
            _hint = hint = new Hint(await ListAsync(cancellation), now);
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        return [.. hint.Tables.Where(table => table.Kind == kind).Select(table => table.Day)
            .Append(today).Distinct().OrderDescending()];
    }

    /// <summary>The days before another one that have tables of any kind, the oldest first.</summary>
    /// <exception cref="StorageException">The tables cannot be listed.</exception>
    public async Task<IReadOnlyList<DateOnly>> DaysBeforeAsync(DateOnly day, CancellationToken cancellation) =>
        [.. (await ListAsync(cancellation)).Select(table => table.Day).Where(other => other < day).Distinct().Order()];

    /// <summary>Drops every table whose day lies before another day.</summary>
    /// <returns>The names of the tables dropped.</returns>
    /// <exception cref="StorageException">A table could not be dropped; the others may have been.</exception>
    public async Task<IReadOnlyList<string>> DropBeforeAsync(DateOnly day, CancellationToken cancellation)
    {
        var dropped = new List<string>();
        foreach (var table in await ListAsync(cancellation))
        {
            if (table.Day >= day)
                continue;
            var name = Name(table.Kind, table.Day);
            await storage.DropAsync(name, cancellation);
            dropped.Add(name);
        }

        return dropped;
    }

    private async Task<IReadOnlyList<DayTable>> ListAsync(CancellationToken cancellation)
    {
        var tables = new List<DayTable>();
        foreach (var name in await storage.TablesAsync(cancellation))
        {
            var kind = Kinds.FirstOrDefault(kind => name.StartsWith(kind, StringComparison.OrdinalIgnoreCase));
            if (kind is not null && DateOnly.TryParseExact(
                name.AsSpan(kind.Length), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                tables.Add(new DayTable(kind, day));
        }

        return tables;
    }

    private sealed record Hint(IReadOnlyList<DayTable> Tables, DateTimeOffset At);

    private sealed record DayTable(string Kind, DateOnly Day);
}
