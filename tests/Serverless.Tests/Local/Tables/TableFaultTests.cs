using Azure.Data.Tables;
using Serverless.Local;
using static Azure.Data.Tables.TableTransactionActionType;

namespace Serverless.Tests.Local.Tables;

public sealed class TableFaultTests : TablesTest
{
    public static TheoryData<string> Operations =>
        [FaultOperations.TableGet, FaultOperations.TableQuery, FaultOperations.TableWrite, FaultOperations.TableTransaction, FaultOperations.TableManage];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_failing_operation_times_out_with_500_and_is_not_done(string operation)
    {
        Platform.Faults.Add(new Fault(operation, FaultKind.Fail, Count: 1));

        await RefusedAsync(() => DoAsync(operation), 500, "OperationTimedOut");
        Assert.Equal((false, ""), await EffectsAsync());
        await DoAsync(operation);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_throttled_operation_is_answered_503_ServerBusy(string operation)
    {
        Platform.Faults.Add(new Fault(operation, FaultKind.Throttle, Count: 1));

        await RefusedAsync(() => DoAsync(operation), 503, "ServerBusy");
        Assert.Equal((false, ""), await EffectsAsync());
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_delayed_operation_takes_the_platforms_time(string operation)
    {
        Platform.Faults.Add(new Fault(operation, FaultKind.Delay, Count: 1, Delay: TimeSpan.FromMinutes(3)));
        var before = Clock.GetUtcNow();

        await DoAsync(operation);

        Assert.Equal(before.AddMinutes(3), Clock.GetUtcNow());
    }

    [Theory]
    [InlineData(FaultOperations.TableWrite, "a/b")]
    [InlineData(FaultOperations.TableTransaction, "a/b a/c")]
    [InlineData(FaultOperations.TableManage, "")]
    public async Task When_the_answer_is_lost_the_operation_is_done_for_good(string operation, string keys)
    {
        Platform.Faults.Add(new Fault(operation, FaultKind.LoseAnswer, Count: 1));

        await RefusedAsync(() => DoAsync(operation), 500, "OperationTimedOut");
        await ReopenAsync();

        Assert.Equal((operation == FaultOperations.TableManage, keys), await EffectsAsync());
    }

    [Fact]
    public async Task What_is_asked_for_is_counted()
    {
        await AddAsync("a", "b");
        await SubmitAsync(Action(UpsertReplace, Entity("a", "c")), Action(UpsertReplace, Entity("a", "d")));
        await GetAsync("a", "b");
        await PagesAsync(maxPerPage: 1);

        var statistics = LocalTables.Statistics(Platform);
        Assert.Equal((1, 3, 1, 1, 2, 1), (statistics.Gets, statistics.QueryPages, statistics.EntityWrites, statistics.Transactions, statistics.TransactionActions, statistics.Managements));
        Assert.Equal(7, statistics.Requests);
        Assert.True(statistics.MemtableBytes > 0);
        await LocalTables.FlushAsync(Platform);
        Assert.True(LocalTables.Statistics(Platform).BytesOnDisk["things"] > 0);
    }

    private async Task DoAsync(string operation)
    {
        switch (operation)
        {
            case FaultOperations.TableGet:
                await ExistsAsync("a", "b");
                break;
            case FaultOperations.TableQuery:
                await KeysAsync();
                break;
            case FaultOperations.TableWrite:
                await Table.UpsertEntityAsync(Entity("a", "b"), TableUpdateMode.Replace, Cancel);
                break;
            case FaultOperations.TableTransaction:
                await SubmitAsync(Action(UpsertReplace, Entity("a", "b")), Action(UpsertReplace, Entity("a", "c")));
                break;
            default:
                await Service.CreateTableAsync("created", Cancel);
                break;
        }
    }

    private async Task<(bool IsCreated, string Keys)> EffectsAsync()
    {
        var names = new List<string>();
        await foreach (var item in Service.QueryAsync(null, null, Cancel))
            names.Add(item.Name);
        return (names.Contains("created"), await KeysAsync());
    }
}
