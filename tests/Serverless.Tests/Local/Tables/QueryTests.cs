using Azure.Data.Tables;
using static Azure.Data.Tables.TableTransactionActionType;

namespace Serverless.Tests.Local.Tables;

public sealed class QueryTests : TablesTest
{
    [Fact]
    public async Task Rows_come_by_partition_and_row_key_in_the_order_of_UTF16_units()
    {
        string[] ordered = ["", " ", "-", "1", "10", "2", "A", "B", "_", "a", "a b", "b", "~", "é", "\uD83D\uDE00", "\uFB01", "\uFFFF"];
        foreach (var key in ordered.Reverse())
            await AddAsync("p", key);
        await AddAsync("o~", "z");
        await AddAsync("p!", "a");

        Assert.Equal(string.Join(' ', ordered.Select(key => $"p/{key}").Prepend("o~/z").Append("p!/a")), await KeysAsync());
    }

    [Fact]
    public async Task A_page_has_at_most_1000_rows_and_a_token_leads_to_the_next()
    {
        await FillAsync(2050);

        var pages = await PagesAsync();
        Assert.Equal([1000, 1000, 50], pages.Select(page => page.Values.Count));
        Assert.Equal([true, true, false], pages.Select(page => page.ContinuationToken is not null));
        Assert.Equal(Enumerable.Range(0, 2050).Select(i => $"{i:D5}"), pages.SelectMany(page => page.Values).Select(entity => entity.RowKey));
    }

    [Fact]
    public async Task MaxPerPage_bounds_pages_and_not_the_whole()
    {
        await FillAsync(25);

        Assert.Equal([10, 10, 5], (await PagesAsync(maxPerPage: 10)).Select(page => page.Values.Count));
        await RefusedAsync(() => PagesAsync(maxPerPage: 1001), 400, "InvalidInput");
        await RefusedAsync(() => PagesAsync(maxPerPage: 0), 400, "InvalidInput");
    }

    [Fact]
    public async Task A_token_can_be_used_later_by_another_client_also_after_writes()
    {
        await FillAsync(30);
        var first = (await PagesAsync(maxPerPage: 10))[0];
        await Table.DeleteEntityAsync("p", "00010", default, Cancel);
        await AddAsync("p", "00010a");

        await ReopenAsync();

        await foreach (var page in Table.QueryAsync<TableEntity>(maxPerPage: 10, cancellationToken: Cancel).AsPages(first.ContinuationToken))
        {
            Assert.Equal("00010a", page.Values[0].RowKey);
            break;
        }
    }

    [Fact]
    public async Task A_token_that_is_none_is_refused_with_400() =>
        await RefusedAsync(
            async () => await Table.QueryAsync<TableEntity>(cancellationToken: Cancel).AsPages("nonsense").GetAsyncEnumerator(Cancel).MoveNextAsync(),
            400,
            "InvalidInput");

    [Fact]
    public async Task A_page_is_short_when_its_rows_are_large_and_the_rest_follows()
    {
        for (var i = 0; i < 6; i++)
            await AddAsync("p", $"{i}", [.. Enumerable.Range(10, 15).Select(n => ($"P{n}", (object)new byte[65536]))]);

        var pages = await PagesAsync();
        Assert.True(pages.Count > 1);
        Assert.Equal("0 1 2 3 4 5", string.Join(' ', pages.SelectMany(page => page.Values).Select(entity => entity.RowKey)));
    }

    [Fact]
    public async Task A_page_shows_the_table_as_it_was_at_one_moment()
    {
        await FillAsync(10);
        await foreach (var entity in Table.QueryAsync<TableEntity>(cancellationToken: Cancel))
            await Table.UpsertEntityAsync(Entity("p", entity.RowKey + "x"), TableUpdateMode.Replace, Cancel);

        Assert.Equal(20, (await PagesAsync()).Sum(page => page.Values.Count));
    }

    [Fact]
    public async Task Select_projects_every_row()
    {
        await AddAsync("p", "1", ("X", 1), ("Y", 2));
        await foreach (var entity in Table.QueryAsync<TableEntity>(select: ["Y"], cancellationToken: Cancel))
            Assert.Equal(["Y", "odata.etag"], entity.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("PartitionKey eq 'b'", "b/1 b/2 b/3")]
    [InlineData("PartitionKey eq 'b' and RowKey eq '2'", "b/2")]
    [InlineData("RowKey gt '1' and PartitionKey eq 'b'", "b/2 b/3")]
    [InlineData("PartitionKey eq 'b' and RowKey ge '1' and RowKey le '2'", "b/1 b/2")]
    [InlineData("PartitionKey eq 'b' and RowKey gt '1' and RowKey lt '3' and RowKey ge '0'", "b/2")]
    [InlineData("PartitionKey eq 'b' and RowKey ge '3' and RowKey le '1'", "")]
    [InlineData("PartitionKey eq 'b' and PartitionKey eq 'a'", "")]
    [InlineData("PartitionKey gt 'a'", "b/1 b/2 b/3 c/1")]
    [InlineData("PartitionKey ge 'a' and PartitionKey lt 'b'", "a/1 a/12")]
    [InlineData("PartitionKey le 'a'", "a/1 a/12")]
    [InlineData("RowKey eq '1'", "a/1 b/1 c/1")]
    [InlineData("(PartitionKey eq 'a' and RowKey eq '12') or (PartitionKey eq 'c' and RowKey eq '1')", "a/12 c/1")]
    [InlineData("not (PartitionKey eq 'b')", "a/1 a/12 c/1")]
    [InlineData("PartitionKey ne 'b' and RowKey ne '1'", "a/12")]
    [InlineData("PartitionKey eq 'b' and RowKey eq 2", "")]
    public async Task Conditions_on_keys_find_what_they_should_in_memory_and_on_disk(string filter, string found)
    {
        foreach (var key in new[] { "a/1", "a/12", "b/1", "b/2", "b/3", "c/1" })
            await AddAsync(key.Split('/')[0], key.Split('/')[1]);
        Assert.Equal(found, await KeysAsync(filter));

        await Serverless.Local.LocalTables.FlushAsync(Platform);
        Assert.Equal(found, await KeysAsync(filter));
    }

    [Fact]
    public async Task A_prefix_of_a_trace_is_found_among_many_segments()
    {
        for (var segment = 0; segment < 5; segment++)
        {
            for (var i = 0; i < 50; i++)
                await AddAsync("7f", $"{(i * 7919) + (segment % 2):x16}ffff{segment}", ("X", segment));
            await Serverless.Local.LocalTables.FlushAsync(Platform);
        }

        var id = $"{7919 * 20:x16}";
        Assert.Equal($"7f/{id}ffff0 7f/{id}ffff2 7f/{id}ffff4", await KeysAsync($"PartitionKey eq '7f' and RowKey ge '{id}' and RowKey lt '{id}~'"));
        Assert.Equal("", await KeysAsync("PartitionKey eq '7f' and RowKey ge '0123456789abcdef' and RowKey lt '0123456789abcdef~'"));
    }

    private async Task FillAsync(int rows)
    {
        foreach (var part in Enumerable.Range(0, rows).Chunk(100))
            await SubmitAsync([.. part.Select(i => Action(UpsertReplace, Entity("p", $"{i:D5}")))]);
    }
}
