using System.Runtime.CompilerServices;
using Serverless.Local.Kusto;

namespace Serverless.Tests.Local.Kusto;

/// <summary>What a query may use, and what it asks of tables.</summary>
public sealed class KustoLimitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_parentheses_are_refused_and_do_not_overflow_the_stack()
    {
        var message = await Kql.ErrorAsync("print " + new string('(', 10_000) + "1" + new string(')', 10_000));
        Assert.Contains("The query is nested too deep here; at most 200 parentheses may be in each other", message);
    }

    [Fact]
    public async Task A_hundred_parentheses_are_fine() =>
        Assert.Equal("r\n1", await Kql.TextAsync("print r = " + new string('(', 100) + "1" + new string(')', 100)));

    [Theory]
    [InlineData("print r = 1", " + 1", "More than 1000 operators follow each other here")]
    [InlineData("print r = 1", " | take 1", "More than 1000 operators follow each other here")]
    [InlineData("print true", " and true", "More than 1000 operators follow each other here")]
    [InlineData("print dynamic(1)", ".a", "More than 1000 operators follow each other here")]
    [InlineData("print 1", "-", "The query is nested too deep here")]
    public async Task Long_chains_are_refused(string start, string link, string expected)
    {
        var query = link == "-" ? $"print {new string('-', 10_000)}1" : start + string.Concat(Enumerable.Repeat(link, 10_000));
        Assert.Contains(expected, await Kql.ErrorAsync(query));
    }

    [Fact]
    public async Task Chains_in_parentheses_in_chains_are_refused()
    {
        var query = "x";
        for (var i = 0; i < 50; i++)
            query = $"({query}{string.Concat(Enumerable.Repeat("+1", 900))})";
        Assert.Contains("An expression is more than 3000 operators deep here", await Kql.ErrorAsync($"print x = 1 | extend y = {query}"));
    }

    [Fact]
    public async Task Tables_named_after_tables_a_thousand_times_run_and_more_than_the_limit_are_refused()
    {
        string Query(int count) => "let t0 = range x from 1 to 2 step 1;" + string.Concat(Enumerable.Range(1, count).Select(i => $"let t{i} = t{i - 1} | where x > 0;")) + $"t{count} | count";
        Assert.Equal("Count\n2", await Kql.TextAsync(Query(1000)));
        Assert.Contains("more than 20000 expressions and operators", await Kql.ErrorAsync(Query(20_000)));
    }

    [Fact]
    public async Task Functions_that_call_each_other_thirty_times_over_are_refused_in_time()
    {
        var query = "let f0 = (x:long) { x + 1 };" + string.Concat(Enumerable.Range(1, 25).Select(i => $"let f{i} = (x:long) {{ f{i - 1}(x) + f{i - 1}(x) }};")) + "print x = 1 | extend y = f25(x)";
        Assert.Contains("its functions' bodies counted at each call", await Kql.ErrorAsync(query));
    }

    [Fact]
    public async Task A_result_with_too_many_rows_is_refused()
    {
        var engine = Kql.Engine(new QueryLimits { MaxResultRows = 10 });
        var exception = await Assert.ThrowsAsync<KustoException>(() => engine.ExecuteAsync("range x from 1 to 11 step 1", null, Cancellation));
        Assert.Equal("E_QUERY_RESULT_SET_TOO_LARGE", exception.Code);
        Assert.Equal(10, (await engine.ExecuteAsync("range x from 1 to 10 step 1", null, Cancellation)).RowCount);
    }

    [Theory]
    [InlineData("range x from 1 to 10000000 step 1 | sort by x", "E_RUNAWAY_QUERY")]
    [InlineData("range x from 1 to 10000000 step 1 | summarize count() by x", "E_RUNAWAY_QUERY")]
    [InlineData("range x from 1 to 10000000 step 1 | summarize make_list(x)", "E_RUNAWAY_QUERY")]
    [InlineData("range x from 1 to 10000000 step 1 | top 9000000 by x", "E_RUNAWAY_QUERY")]
    [InlineData("range x from 1 to 100000000000 step 1 | count", "E_QUERY_TOO_MANY_ROWS")]
    [InlineData("range x from 1 to 100000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 100000 step 1 | extend k = 1) on k | count", "E_QUERY_TOO_MANY_ROWS")]
    [InlineData("range x from 1 to 100000 step 1 | mv-expand y = range(1, 1000000) | count", "E_QUERY_TOO_MANY_ROWS")]
    public async Task Rows_and_memory_are_bounded(string query, string code)
    {
        var engine = Kql.Engine(new QueryLimits { MaxMemoryBytes = 16 << 20, MaxRows = 3_000_000 });
        Assert.Equal(code, (await Assert.ThrowsAsync<KustoException>(() => engine.ExecuteAsync(query, null, Cancellation))).Code);
    }

    [Fact]
    public async Task A_text_that_doubles_and_doubles_is_refused()
    {
        var query = "print s = 'abcdefgh'" + string.Concat(Enumerable.Repeat(" | extend s = strcat(s, s)", 40));
        Assert.Contains("strcat makes a string of more than", await Kql.ErrorAsync(query));
    }

    [Fact]
    public async Task A_decimal_that_overflows_is_an_error_of_the_query() => Assert.Equal(
        "A number is too large for its type: a decimal has 28 digits",
        await Kql.ErrorAsync("datatable(d:decimal)[decimal(7e28), decimal(7e28)] | summarize sum(d)"));

    [Fact]
    public async Task A_pattern_that_backtracks_elsewhere_runs_in_linear_time_here() =>
        Assert.Equal("r\nfalse", await Kql.TextAsync($"print r = '{new string('a', 50_000)}!' matches regex '^(a+)+$'"));

    [Fact]
    public async Task A_query_ends_when_its_caller_gives_up()
    {
        using var caller = new CancellationTokenSource();
        var table = new EndlessTable(caller);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Kql.Engine(null, table).ExecuteAsync("Endless | summarize sum(x)", null, caller.Token));
    }

    [Fact]
    public async Task A_query_ends_when_its_time_is_over()
    {
        var engine = new KustoEngine([new EndlessTable(null)], TimeProvider.System, new QueryLimits { Timeout = TimeSpan.FromMilliseconds(50) });
        var exception = await Assert.ThrowsAsync<KustoException>(() => engine.ExecuteAsync("Endless | summarize sum(x)", null, Cancellation));
        Assert.Equal("E_QUERY_TIMEOUT", exception.Code);
    }

    [Fact]
    public async Task A_table_is_asked_only_for_the_columns_that_are_used()
    {
        var table = MemoryTable.Of("T", "a:long,b:long,c:long,d:long", [1, 2, 3, 4]);
        Assert.Equal("s\n3", await Kql.TextAsync("T | where b == 2 | extend e = d | summarize s = sum(c) by a | project s", table));
        Assert.Equal([true, true, true, false], Assert.Single(table.Requests).Columns);
    }

    [Fact]
    public async Task Joins_and_expansions_ask_only_for_the_columns_that_are_used()
    {
        var left = MemoryTable.Of("L", "k:long,a:dynamic,b:long", [1, null, 3]);
        var right = MemoryTable.Of("R", "x:long,k:long,y:long", [7, 1, 9]);
        Assert.Equal("y\n9", await Kql.TextAsync("L | join kind=inner R on k | project y", left, right));
        Assert.Equal([true, false, false], Assert.Single(left.Requests).Columns);
        Assert.Equal([false, true, true], Assert.Single(right.Requests).Columns);
        Assert.Equal("b\n3", await Kql.TextAsync("L | mv-expand a | project b", left));
        Assert.Equal([false, true, true], left.Requests[^1].Columns);
    }

    [Fact]
    public async Task A_table_is_told_the_times_that_the_query_bounds()
    {
        var table = MemoryTable.Of("T", "t:datetime,x:long", [new DateTime(2026, 3, 4, 5, 0, 0), 1], [new DateTime(2026, 3, 4, 1, 0, 0), 2]);
        Assert.Equal("x\n1", await Kql.TextAsync("T | where t between (ago(1h) .. now()) and x > 0 | project x", table));
        var bounds = Assert.Single(table.Requests).Times;
        Assert.Equal(Kql.Now.AddHours(-1).UtcTicks, bounds.Max(bound => bound.FromTicks));
        Assert.Equal(Kql.Now.UtcTicks, bounds.Min(bound => bound.ToTicks));
        Assert.All(bounds, bound => Assert.Equal("t", bound.Column));
    }

    [Fact]
    public async Task A_table_is_told_how_many_rows_are_enough_and_no_more_batches_are_taken()
    {
        var one = MemoryTable.Of("T", "x:long", [1]);
        var batch = new Batch([new VectorColumn<long>(KustoType.Long, [1, 2], null, 2)], 2);
        var table = new MemoryTable("T", one.Schema, batch, batch, batch);
        Assert.Equal("x\n1", await Kql.TextAsync("T | take 1", table));
        Assert.Equal(1, Assert.Single(table.Requests).Limit);
        Assert.Equal(1, table.Taken);
    }

    [Fact]
    public async Task A_limit_is_not_passed_below_a_filter()
    {
        var table = MemoryTable.Of("T", "x:long", [1], [2]);
        Assert.Equal("x\n2", await Kql.TextAsync("T | where x == 2 | take 1", table));
        Assert.Null(Assert.Single(table.Requests).Limit);
    }

    [Fact]
    public async Task Parameters_take_the_place_of_defaults()
    {
        var parameters = new Dictionary<string, Value> { ["n"] = Value.String("12") };
        var result = await Kql.Engine(null).ExecuteAsync("declare query_parameters(n:long = 1); print n", parameters, Cancellation);
        Assert.Equal(12, Assert.Single(result.Rows())[0].AsLong);
    }

    /// <summary>A table without an end, which makes its caller give up after some batches, if there is one.</summary>
    private sealed class EndlessTable(CancellationTokenSource? caller) : IKustoTable
    {
        private const int BatchesBeforeGivingUp = 5;

        public string Name => "Endless";

        public Schema Schema { get; } = new([new("x", KustoType.Long)]);

        public async IAsyncEnumerable<Batch> ScanAsync(ScanRequest request, [EnumeratorCancellation] CancellationToken cancellation)
        {
            for (var i = 0; ; i++)
            {
                await Task.Yield();
                if (i == BatchesBeforeGivingUp && caller is not null)
                    await caller.CancelAsync();
                yield return new Batch([new VectorColumn<long>(KustoType.Long, new long[1], null, 1)], 1);
            }
        }
    }
}
