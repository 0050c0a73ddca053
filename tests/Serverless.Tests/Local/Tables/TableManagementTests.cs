using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Serverless.Local;

namespace Serverless.Tests.Local.Tables;

public sealed class TableManagementTests : TablesTest
{
    [Fact]
    public async Task Creating_a_table_that_exists_is_refused_with_409_in_whatever_case_its_name_is()
    {
        await RefusedAsync(() => Service.GetTableClient("Things").CreateAsync(Cancel), 409, "TableAlreadyExists");
        await RefusedAsync(() => Service.CreateTableAsync("things", Cancel), 409, "TableAlreadyExists");
    }

    [Fact]
    public async Task Creating_if_not_exists_answers_409_without_an_exception()
    {
        var created = await Service.CreateTableIfNotExistsAsync("others", Cancel);
        var again = await Service.CreateTableIfNotExistsAsync("others", Cancel);

        Assert.Equal((204, 409), (created.GetRawResponse().Status, again.GetRawResponse().Status));
        Assert.Equal("others", again.Value.Name);
    }

    [Theory]
    [InlineData("ab", "OutOfRangeInput")]
    [InlineData("a123456789a123456789a123456789a123456789a123456789a123456789abcd", "OutOfRangeInput")]
    [InlineData("1abc", "InvalidResourceName")]
    [InlineData("with-dash", "InvalidResourceName")]
    [InlineData("täbles", "InvalidResourceName")]
    [InlineData("Tables", "InvalidResourceName")]
    public async Task A_name_that_is_not_valid_is_refused_with_400(string name, string code) =>
        await RefusedAsync(() => Service.CreateTableIfNotExistsAsync(name, Cancel), 400, code);

    [Fact]
    public async Task Tables_are_listed_by_name_with_their_case_and_through_filters_and_pages()
    {
        foreach (var name in new[] { "spans20260302", "Spans20260301", "search20260301" })
            await Service.CreateTableAsync(name, Cancel);

        Assert.Equal("Spans20260301 search20260301 spans20260302 things", await ListAsync(null));
        Assert.Equal("spans20260302", await ListAsync("TableName ge 'spans' and TableName lt 'spant'"));
        var pages = 0;
        await foreach (var page in Service.QueryAsync(null, 3, Cancel).AsPages())
            Assert.Equal(pages++ == 0 ? 3 : 1, page.Values.Count);
        Assert.Equal(2, pages);
    }

    [Fact]
    public async Task Whatever_is_asked_of_a_missing_table_is_answered_with_404_TableNotFound()
    {
        var missing = Service.GetTableClient("missing");

        var failure = await RefusedAsync(() => missing.AddEntityAsync(Entity("a", "b"), Cancel), 404, "TableNotFound");
        Assert.StartsWith("The table specified does not exist.\n", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.ErrorCode == TableErrorCode.TableNotFound);
        await RefusedAsync(() => missing.GetEntityAsync<TableEntity>("a", "b", null, Cancel), 404, "TableNotFound");
        await RefusedAsync(() => missing.SubmitTransactionAsync([Action(TableTransactionActionType.Add, Entity("a", "b"))], Cancel), 404, "TableNotFound");
        await RefusedAsync(async () => await missing.QueryAsync<TableEntity>(cancellationToken: Cancel).GetAsyncEnumerator(Cancel).MoveNextAsync(), 404, "TableNotFound");
    }

    [Fact]
    public async Task Deleting_a_missing_table_or_from_one_answers_404_without_an_exception()
    {
        var missing = Service.GetTableClient("missing");

        Assert.Equal(404, (await missing.DeleteAsync(Cancel)).Status);
        Assert.Equal(404, (await Service.DeleteTableAsync("missing", Cancel)).Status);
        Assert.Equal(404, (await missing.DeleteEntityAsync("a", "b", default, Cancel)).Status);
    }

    [Fact]
    public async Task The_name_of_a_deleted_table_is_taken_for_40_seconds()
    {
        await AddAsync("a", "b");
        Assert.Equal(204, (await Table.DeleteAsync(Cancel)).Status);

        await RefusedAsync(() => Table.CreateAsync(Cancel), 409, "TableBeingDeleted");
        await RefusedAsync(() => Table.CreateIfNotExistsAsync(Cancel), 409, "TableBeingDeleted");
        await RefusedAsync(() => GetAsync("a", "b"), 404, "TableNotFound");
        Clock.Advance(TimeSpan.FromSeconds(39));
        await RefusedAsync(() => Table.CreateAsync(Cancel), 409, "TableBeingDeleted");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Table.CreateAsync(Cancel);
        Assert.Equal("", await KeysAsync());
    }

    [Fact]
    public async Task The_delay_of_a_deleted_name_can_be_set()
    {
        LocalTables.SetDeletionDelay(Platform, TimeSpan.Zero);

        await Table.DeleteAsync(Cancel);
        Assert.Equal(204, (await Table.CreateIfNotExistsAsync(Cancel)).GetRawResponse().Status);
    }

    [Fact]
    public async Task What_a_dropped_table_held_stays_gone_after_reopening()
    {
        LocalTables.SetDeletionDelay(Platform, TimeSpan.Zero);
        await AddAsync("a", "old");
        await Table.DeleteAsync(Cancel);
        await Table.CreateAsync(Cancel);
        await AddAsync("a", "new");

        await ReopenAsync();

        Assert.Equal("a/new", await KeysAsync());
    }

    private async Task<string> ListAsync(string? filter)
    {
        var names = new List<string>();
        await foreach (var item in Service.QueryAsync(filter, null, Cancel))
            names.Add(item.Name);
        return string.Join(' ', names);
    }
}
