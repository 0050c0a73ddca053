using Serverless.Local.Kusto;

namespace Serverless.Tests.Local.Kusto;

/// <summary>Runs queries for tests, with a clock that stands.</summary>
internal static class Kql
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public static Task<KustoResult> RunAsync(string query, params IKustoTable[] tables) => Engine(null, tables).ExecuteAsync(query, null, TestContext.Current.CancellationToken);

    public static KustoEngine Engine(QueryLimits? limits, params IKustoTable[] tables) => new(tables, new StandingClock(), limits);

    /// <summary>Columns in the first line, then a line per row, with bars between.</summary>
    public static async Task<string> TextAsync(string query, params IKustoTable[] tables)
    {
        var result = await RunAsync(query, tables);
        var lines = result.Rows().Select(row => string.Join('|', row.Select(value => value.IsNull ? "null" : value.ToString())));
        return string.Join('\n', lines.Prepend(string.Join('|', result.Schema.Columns.Select(column => column.Name))));
    }

    /// <summary>The message with which a query is refused.</summary>
    public static async Task<string> ErrorAsync(string query, params IKustoTable[] tables) =>
        (await Assert.ThrowsAsync<KustoException>(() => RunAsync(query, tables))).Message;

    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
