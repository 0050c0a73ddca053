using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker;
using Serverless.Local;

namespace Serverless.Tests.Local.Functions;

public sealed class EventHubTriggerTests : IDisposable
{
    private const string OnePartition = "--partitions=1";

    private readonly string _folder = TestRunner.NewFolder();
    private readonly TestProbe _probe = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_batch_comes_from_one_partition_and_partitions_run_side_by_side()
    {
        var both = new CountdownEvent(2);
        _probe.OnNote = (_, _) =>
        {
            both.Signal();
            return Task.Run(both.Wait, TestContext.Current.CancellationToken);
        };
        await using var runner = await RunAsync<Assemble>("--partitions=2");
        await runner.SendAsync("0", "a", "b");
        await runner.SendAsync("1", "c", "d");
        await _probe.UntilAsync(2);
        Assert.Equal(["a,b", "c,d"], _probe.Notes.Order());
    }

    [Fact]
    public async Task Batches_of_a_partition_follow_each_other_none_larger_than_the_maximum()
    {
        var running = 0;
        _probe.OnNote = async (_, _) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
        };
        await using var runner = await RunAsync<Assemble>(OnePartition, """{ "extensions": { "eventHubs": { "maxEventBatchSize": 3 } } }""");
        await runner.SendAsync("0", [.. Enumerable.Range(0, 10).Select(n => $"{n}")]);
        await Poll.UntilAsync(() => runner.Checkpoint("0") == 9, "the checkpoint behind the last event");
        Assert.Equal("0,1,2,3,4,5,6,7,8,9", string.Join(',', _probe.Notes));
        Assert.All(_probe.Notes, n => Assert.True(n.Split(',').Length <= 3));
        Assert.DoesNotContain(runner.Log.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_minimum_of_events_is_waited_for_until_the_longest_wait_is_over()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var runner = await RunAsync<Assemble>(
            OnePartition, """{ "extensions": { "eventHubs": { "minEventBatchSize": 3, "maxWaitTime": "00:00:07" } } }""", clock);
        await runner.SendAsync("0", "a");
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(7));
        clock.Advance(TimeSpan.FromSeconds(4));
        var timers = clock.Created;
        await runner.SendAsync("0", "b");
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(3), after: timers);
        Assert.Empty(_probe.Notes);
        clock.Advance(TimeSpan.FromSeconds(3));
        await _probe.UntilAsync(1);
        await runner.SendAsync("0", "c", "d", "e");
        await _probe.UntilAsync(2);
        Assert.Equal(["a,b", "c,d,e"], _probe.Notes);
    }

    [Fact]
    public async Task The_checkpoint_moves_on_behind_a_failure_too()
    {
        _probe.OnNote = (note, _) => note == "bad" ? throw new InvalidOperationException("boom") : Task.CompletedTask;
        await using (var runner = await RunAsync<Assemble>(OnePartition))
        {
            await runner.SendAsync("0", "bad");
            await Poll.UntilAsync(() => runner.Checkpoint("0") == 0, "the checkpoint behind the failed batch");
            Assert.Contains(runner.Log.Lines, l => l.StartsWith("Error Function.assemble: Function 'assemble' (", StringComparison.Ordinal)
                && l.EndsWith(") failed in attempt 1. InvalidOperationException boom", StringComparison.Ordinal));
            await runner.SendAsync("0", "good");
            await Poll.UntilAsync(() => runner.Checkpoint("0") == 1, "the checkpoint behind the good batch");
        }

        await using (var runner = await RunAsync<Assemble>(OnePartition))
        {
            await runner.SendAsync("0", "later");
            await _probe.UntilAsync(3);
        }

        Assert.Equal(["bad", "good", "later"], _probe.Notes);
    }

    [Fact]
    public async Task A_retry_policy_repeats_the_same_batch_as_new_invocations()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _probe.OnNote = (_, _) => throw new InvalidOperationException("boom");
        await using var runner = await RunAsync<Retrying>(OnePartition, clock: clock);
        await runner.SendAsync("0", "a");
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(2));
        Assert.Null(runner.Checkpoint("0"));
        clock.Advance(TimeSpan.FromSeconds(2));
        await runner.SendAsync("0", "b");
        var second = await clock.WaitForTimerAsync(t => t.TotalSeconds is >= 3.6 and <= 4.4, "the second attempt's wait");
        _probe.OnNote = (_, _) => Task.CompletedTask;
        clock.Advance(second);
        await Poll.UntilAsync(() => runner.Checkpoint("0") == 1, "the checkpoint behind both batches");
        var notes = _probe.Notes.Select(n => n.Split(' ')).ToArray();
        Assert.Equal(["a 0/-1", "a 1/-1", "a 2/-1", "b 0/-1"], notes.Select(n => $"{n[0]} {n[1]}"));
        Assert.Equal(4, notes.Select(n => n[2]).Distinct().Count());
    }

    [Fact]
    public async Task Without_a_retry_policy_there_is_no_retry_context()
    {
        await using var runner = await RunAsync<Describe>(OnePartition);
        await runner.SendAsync("0", "a");
        await _probe.UntilAsync(1);
        Assert.Contains("retry: none", _probe.Notes.Single());
    }

    [Fact]
    public async Task Binding_data_tells_of_every_event_of_the_batch()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var runner = await RunAsync<Describe>(OnePartition, clock: clock);
        await runner.SendAsync("0", "a", "b");
        await _probe.UntilAsync(1);
        var note = _probe.Notes.Single();
        Assert.Contains("SequenceNumberArray=[0,1]", note);
        Assert.Contains("PartitionKeyArray=[null,null]", note);
        Assert.Contains("EnqueuedTimeUtcArray=[\"2026-01-01T00:00:00Z\",\"2026-01-01T00:00:00Z\"]", note);
        Assert.Contains("PropertiesArray=[{},{}]", note);
        Assert.Contains("\"EventHubName\":\"spans\",\"ConsumerGroup\":\"assembler\",\"PartitionId\":\"0\"", note);
        Assert.Contains("OffsetArray=[\"", note);
        Assert.Contains("SystemPropertiesArray=[{\"", note);
    }

    [Fact]
    public async Task A_function_that_is_not_batched_runs_per_event_with_one_checkpoint_per_batch()
    {
        await using var runner = await RunAsync<Single>(OnePartition, """{ "extensions": { "eventHubs": { "minEventBatchSize": 3 } } }""");
        _probe.OnNote = (_, _) => runner.Checkpoint("0") is null ? Task.CompletedTask : throw new InvalidOperationException("checkpoint before the batch's end");
        await runner.SendAsync("0", "a", "b", "c");
        await Poll.UntilAsync(() => runner.Checkpoint("0") == 2, "the checkpoint");
        Assert.Equal(["a 0", "b 1", "c 2"], _probe.Notes);
        Assert.DoesNotContain(runner.Log.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_checkpoint_is_written_every_so_many_batches_and_when_the_host_stops()
    {
        const string Host = """{ "extensions": { "eventHubs": { "maxEventBatchSize": 1, "batchCheckpointFrequency": 3 } } }""";
        await using (var runner = await RunAsync<Assemble>(OnePartition, Host))
        {
            _probe.OnNote = (note, _) => runner.Checkpoint("0") == (note == "d" ? 2 : null) ? Task.CompletedTask : throw new InvalidOperationException("not due");
            await runner.SendAsync("0", "a", "b", "c", "d");
            await _probe.UntilAsync(4);
            await runner.StopAsync();
            Assert.Equal(3, runner.Checkpoint("0"));
            Assert.DoesNotContain(runner.Log.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Without_a_checkpoint_reading_begins_where_host_json_says()
    {
        await using (var runner = await RunAsync<Elsewhere>(OnePartition))
            await runner.SendAsync("0", "before");
        await using (var runner = await RunAsync<Assemble>(OnePartition, """{ "extensions": { "eventHubs": { "initialOffsetOptions": { "type": "fromEnd" } } } }"""))
        {
            // The listener has taken its place once it waits for what comes next; what is sent until then it may or may not see.
            await Poll.UntilAsync(() => { runner.SendAsync("0", "after").Wait(); return !_probe.Notes.IsEmpty; }, "an event that came after");
        }

        Assert.DoesNotContain(_probe.Notes, n => n.Contains("before", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_checkpointing_every_start_reads_everything()
    {
        const string Host = """{ "extensions": { "eventHubs": { "enableCheckpointing": false } } }""";
        await using (var runner = await RunAsync<Assemble>(OnePartition, Host))
        {
            await runner.SendAsync("0", "a");
            await _probe.UntilAsync(1);
            await runner.StopAsync();
            Assert.Null(runner.Checkpoint("0"));
        }

        await using (await RunAsync<Assemble>(OnePartition, Host))
            await _probe.UntilAsync(2);
        Assert.Equal(["a", "a"], _probe.Notes);
    }

    [Fact]
    public async Task A_failing_read_is_tried_again()
    {
        await using var runner = await RunAsync<Assemble>(OnePartition, args: ["--faults", "hub.receive:fail:0.5"]);
        for (var i = 0; i < 10; i++)
        {
            await runner.SendAsync("0", $"{i}");
            await _probe.UntilAsync(i + 1);
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), _probe.Notes);
        Assert.Contains(runner.Log.Lines, l => l.StartsWith("Warning Host: Function 'assemble' could not read spans/assembler/0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_is_covered_by_the_next()
    {
        await using var runner = await RunAsync<Assemble>(OnePartition);
        runner.Platform.Faults.Add(new Fault(FaultOperations.HubCheckpoint, FaultKind.Fail, Count: 1));
        await runner.SendAsync("0", "a");
        await Poll.UntilAsync(() => runner.Log.Lines.Any(l => l.StartsWith("Warning Host: The checkpoint of spans/assembler/0 could not be written", StringComparison.Ordinal)), "the warning");
        Assert.Null(runner.Checkpoint("0"));
        await runner.SendAsync("0", "b");
        await Poll.UntilAsync(() => runner.Checkpoint("0") == 1, "the next checkpoint");
        Assert.Equal(["a", "b"], _probe.Notes);
    }

    [Fact]
    public async Task The_fault_redeliver_runs_the_batch_again()
    {
        await using var runner = await RunAsync<Assemble>(OnePartition);
        runner.Platform.Faults.Add(new Fault(FaultOperations.HubCheckpoint, FaultKind.Redeliver, Count: 2));
        await runner.SendAsync("0", "a");
        await Poll.UntilAsync(() => runner.Checkpoint("0") == 0, "the checkpoint");
        Assert.Equal(["a", "a", "a"], _probe.Notes);
    }

    [Fact]
    public async Task A_running_batch_may_finish_when_the_host_stops_and_its_checkpoint_is_written()
    {
        var release = new TaskCompletionSource();
        _probe.OnNote = (_, _) => release.Task;
        await using var runner = await RunAsync<Assemble>(OnePartition, """{ "extensions": { "eventHubs": { "maxEventBatchSize": 1 } } }""");
        await runner.SendAsync("0", "a", "b");
        await _probe.UntilAsync(1);
        var stopping = runner.StopAsync();
        release.SetResult();
        await stopping;
        Assert.Equal(0, runner.Checkpoint("0"));
        Assert.Equal(["a"], _probe.Notes);
    }

    [Fact]
    public async Task After_the_grace_the_token_is_cancelled_and_the_batch_comes_again()
    {
        _probe.OnNote = (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation);
        await using (var runner = await RunAsync<Assemble>(OnePartition, grace: TimeSpan.FromMilliseconds(50)))
        {
            await runner.SendAsync("0", "a");
            await _probe.UntilAsync(1);
            await runner.StopAsync();
            Assert.Null(runner.Checkpoint("0"));
        }

        _probe.OnNote = (_, _) => Task.CompletedTask;
        await using (var runner = await RunAsync<Assemble>(OnePartition))
            await Poll.UntilAsync(() => runner.Checkpoint("0") == 0, "the checkpoint");
        Assert.Equal(["a", "a"], _probe.Notes);
    }

    [Fact]
    public async Task A_batch_that_waits_for_its_next_attempt_when_the_host_stops_comes_again()
    {
        _probe.OnNote = (_, _) => throw new InvalidOperationException("boom");
        await using (var runner = await RunAsync<Retrying>(OnePartition))
        {
            await runner.SendAsync("0", "a");
            await _probe.UntilAsync(1);
            await runner.StopAsync();
            Assert.Null(runner.Checkpoint("0"));
        }

        _probe.OnNote = (_, _) => Task.CompletedTask;
        await using (var runner = await RunAsync<Retrying>(OnePartition))
            await Poll.UntilAsync(() => runner.Checkpoint("0") == 0, "the checkpoint");
    }

    [Fact]
    public async Task The_connection_defaults_to_the_platform()
    {
        await using var runner = await RunAsync<Assemble>(OnePartition);
        var settings = (Microsoft.Extensions.Configuration.IConfiguration)runner.Services.GetService(typeof(Microsoft.Extensions.Configuration.IConfiguration))!;
        Assert.Equal(runner.Platform.ConnectionString, settings["SpansHub"]);
        Assert.Equal(runner.Platform.ConnectionString, settings["TablesConnection"]);
        Assert.Equal(runner.Platform.ConnectionString, settings["OtherHub"]);
    }

    private Task<TestRunner> RunAsync<T>(
        string partitions, string hostJson = "{}", TimeProvider? clock = null, TimeSpan? grace = null, string[]? args = null) =>
        TestRunner.StartAsync([typeof(T)], _folder, hostJson, clock, _probe, grace, [partitions, .. args ?? []]);

    private static string Join(IEnumerable<EventData> events) => string.Join(',', events.Select(e => e.EventBody.ToString()));

    public sealed class Assemble(TestProbe probe)
    {
        [Function("assemble")]
        public Task Run([EventHubTrigger("spans", ConsumerGroup = "assembler", Connection = "OtherHub")] EventData[] events, CancellationToken cancellation) =>
            probe.NoteAsync(Join(events), cancellation);
    }

    public sealed class Elsewhere(TestProbe probe)
    {
        [Function("elsewhere")]
        public Task Run([EventHubTrigger("spans", ConsumerGroup = "elsewhere", Connection = "SpansHub")] EventData[] events) =>
            probe.Notes.IsEmpty ? Task.CompletedTask : Task.FromException(new InvalidOperationException());
    }

    public sealed class Retrying(TestProbe probe)
    {
        [Function("retrying")]
        [ExponentialBackoffRetry(-1, "00:00:02", "00:01:00")]
        public Task Run([EventHubTrigger("spans", ConsumerGroup = "assembler", Connection = "SpansHub")] EventData[] events, FunctionContext context) =>
            probe.NoteAsync($"{Join(events)} {context.RetryContext.RetryCount}/{context.RetryContext.MaxRetryCount} {context.InvocationId}");
    }

    public sealed class Single(TestProbe probe)
    {
        [Function("single")]
        public Task Run([EventHubTrigger("spans", ConsumerGroup = "assembler", Connection = "SpansHub", IsBatched = false)] EventData data, FunctionContext context) =>
            probe.NoteAsync($"{data.EventBody} {context.BindingContext.BindingData["SequenceNumber"]}");
    }

    public sealed class Describe(TestProbe probe)
    {
        [Function("describe")]
        public Task Run([EventHubTrigger("spans", ConsumerGroup = "assembler", Connection = "SpansHub")] EventData[] events, FunctionContext context) =>
            probe.NoteAsync(string.Join('\n', context.BindingContext.BindingData.Select(d => $"{d.Key}={d.Value}"))
                + (context.RetryContext is null ? "\nretry: none" : ""));
    }
}
