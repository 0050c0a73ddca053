using Azure;
using Azure.Data.Tables;
using static Azure.Data.Tables.TableTransactionActionType;

namespace Serverless.Tests.Local.Tables;

public sealed class TransactionTests : TablesTest
{
    [Fact]
    public async Task All_kinds_of_operations_go_together()
    {
        var etag = await AddAsync("a", "merge", ("X", 1));
        await AddAsync("a", "replace", ("X", 1));
        await AddAsync("a", "delete");

        var answer = await Table.SubmitTransactionAsync(
            [
                Action(Add, Entity("a", "add")),
                Action(UpdateMerge, Entity("a", "merge", ("Y", 2)), etag),
                Action(UpdateReplace, Entity("a", "replace", ("Y", 2)), ETag.All),
                Action(Delete, Entity("a", "delete")),
                Action(UpsertMerge, Entity("a", "upsert1")),
                Action(UpsertReplace, Entity("a", "upsert2")),
            ],
            Cancel);

        Assert.Equal(202, answer.GetRawResponse().Status);
        Assert.Equal([204, 204, 204, 204, 204, 204], answer.Value.Select(part => part.Status));
        Assert.Equal("a/add a/merge a/replace a/upsert1 a/upsert2", await KeysAsync());
        var (merged, replaced) = (await GetAsync("a", "merge"), await GetAsync("a", "replace"));
        Assert.Equal((1, 2, null, 2), (merged.GetInt32("X"), merged.GetInt32("Y"), replaced.GetInt32("X"), replaced.GetInt32("Y")));
        Assert.Equal(merged.ETag, answer.Value[1].Headers.ETag);
    }

    [Fact]
    public async Task An_update_without_an_etag_is_an_upsert_whatever_ETag_the_entity_has()
    {
        var entity = Entity("a", "b", ("X", 1));
        entity.ETag = new ETag("W/\"datetime'2020'\"");

        await SubmitAsync(Action(UpdateReplace, entity));
        await SubmitAsync(Action(UpdateMerge, Entity("a", "c")));

        Assert.Equal("a/b a/c", await KeysAsync());
    }

    [Fact]
    public async Task An_update_with_an_etag_needs_the_entity()
    {
        await AddAsync("a", "b");
        await FailsAsync(0, 412, "UpdateConditionNotSatisfied", Action(UpdateMerge, Entity("a", "b"), new ETag("W/\"datetime'2020'\"")));
        await FailsAsync(0, 404, "ResourceNotFound", Action(UpdateReplace, Entity("a", "missing"), ETag.All));
        await FailsAsync(0, 404, "ResourceNotFound", Action(Delete, Entity("a", "missing")));
    }

    [Fact]
    public async Task A_refused_operation_is_named_and_nothing_is_done()
    {
        await AddAsync("a", "there");

        var failure = await FailsAsync(1, 409, "EntityAlreadyExists", Action(Add, Entity("a", "new")), Action(Add, Entity("a", "there")));

        Assert.StartsWith("1:The specified entity already exists.\n", failure.Message, StringComparison.Ordinal);
        Assert.Equal("a/there", await KeysAsync());
    }

    [Fact]
    public async Task A_transaction_has_at_most_100_operations()
    {
        TableTransactionAction[] Actions(int count) => [.. Enumerable.Range(0, count).Select(i => Action(UpsertReplace, Entity("a", $"{i:D3}")))];

        await SubmitAsync(Actions(100));
        Assert.Equal(100, (await PagesAsync()).Sum(page => page.Values.Count));
        await RefusedAsync(() => SubmitAsync(Actions(101)), 400, "InvalidInput");
    }

    [Fact]
    public async Task An_empty_transaction_is_an_error() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => SubmitAsync());

    [Fact]
    public async Task A_row_may_occur_only_once() =>
        await FailsAsync(1, 400, "InvalidDuplicateRow", Action(Add, Entity("a", "b")), Action(Delete, Entity("a", "b")));

    [Fact]
    public async Task All_operations_must_be_on_one_partition() =>
        await FailsAsync(1, 400, "CommandsInBatchActOnDifferentPartitions", Action(Add, Entity("a", "b")), Action(Add, Entity("A", "c")));

    [Fact]
    public async Task A_limit_of_one_operation_is_the_transactions_failure()
    {
        await FailsAsync(1, 400, "PropertyValueTooLarge", Action(Add, Entity("a", "b")), Action(Add, Entity("a", "c", ("X", new byte[65537]))));
        await FailsAsync(0, 400, "InvalidInput", Action(Add, Entity("a", "b?")));
    }

    [Fact]
    public async Task A_transaction_has_at_most_4_MiB_with_binaries_in_base64()
    {
        TableTransactionAction[] Actions(int count) =>
            [.. Enumerable.Range(0, count).Select(i => Action(UpsertReplace, Entity("a", $"{i}", ("X", new byte[65536]))))];

        await SubmitAsync(Actions(47));
        await RefusedAsync(() => SubmitAsync(Actions(49)), 413, "RequestBodyTooLarge");
    }

    [Fact]
    public async Task Concurrent_conditional_updates_lose_none()
    {
        await AddAsync("a", "counter", ("N", 0));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(IncrementTenTimesAsync, Cancel)));

        Assert.Equal(80, (await GetAsync("a", "counter")).GetInt32("N"));
    }

    private async Task IncrementTenTimesAsync()
    {
        for (var done = 0; done < 10;)
        {
            var counter = await GetAsync("a", "counter");
            counter["N"] = counter.GetInt32("N")!.Value + 1;
            try
            {
                await Table.UpdateEntityAsync(counter, counter.ETag, TableUpdateMode.Replace, Cancel);
                done++;
            }
            catch (RequestFailedException e) when (e.Status == 412)
            {
            }
        }
    }

    private async Task<TableTransactionFailedException> FailsAsync(int index, int status, string code, params TableTransactionAction[] actions)
    {
        var failure = Assert.IsType<TableTransactionFailedException>(await RefusedAsync(() => SubmitAsync(actions), status, code));
        Assert.Equal(index, failure.FailedTransactionActionIndex);
        return failure;
    }
}
