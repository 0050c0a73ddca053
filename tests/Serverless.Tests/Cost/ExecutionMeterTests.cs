using Serverless.Functions.Accounting;
using Serverless.Tests.Local.Functions;

namespace Serverless.Tests.Cost;

public sealed class ExecutionMeterTests
{
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 3, 5, 12, 0, 0, TimeSpan.Zero));
    private readonly WorkCounts _work;
    private readonly ExecutionMeter _meter;

    public ExecutionMeterTests()
    {
        _work = new WorkCounts { Clock = _clock };
        _meter = new ExecutionMeter(_work, _clock);
    }

    [Fact]
    public void A_short_execution_is_billed_as_a_second_and_a_long_one_up_to_100_ms()
    {
        Run("http", 10);
        Assert.Equal(1_000, Billed("http"));
        Wait(5_000);
        Run("http", 1_510);
        Assert.Equal(1_000 + 1_600, Billed("http"));
    }

    [Fact]
    public void What_begins_in_a_second_that_is_billed_anyway_goes_on_with_it()
    {
        Run("http", 10);
        Wait(300);
        Run("http", 10);
        Wait(300);
        Run("http", 2_000);
        Assert.Equal(2_700, Billed("http"));
    }

    [Fact]
    public void Executions_at_the_same_time_are_billed_once_but_those_of_other_groups_by_themselves()
    {
        _meter.Begin("http");
        _meter.Begin("http");
        _meter.Begin("assemble");
        Wait(1_200);
        _meter.End("http", "zipkin-v2-spans");
        Wait(300);
        _meter.End("http", "ledger");
        _meter.End("assemble", "assemble");
        Assert.Equal((1_500, 1_500), (Billed("http"), Billed("assemble")));
        Assert.Equal([("assemble", 1L), ("ledger", 1L), ("zipkin-v2-spans", 1L)], Counts(WorkCounts.Executions).Order());
    }

    [Fact]
    public void An_instance_that_is_never_idle_is_told_of_in_between_and_not_more_than_once()
    {
        _meter.Begin("http");
        for (var i = 0; i < 100; i++)
        {
            _meter.Begin("http");
            Wait(150);
            _meter.End("http", "ledger");
        }

        Assert.InRange(Billed("http"), 12_000, 15_000);
        _meter.End("http", "ledger");
        Assert.Equal(15_000, Billed("http"));
    }

    private void Run(string group, int milliseconds)
    {
        _meter.Begin(group);
        Wait(milliseconds);
        _meter.End(group, "f");
    }

    private void Wait(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private long Billed(string group) => Counts(WorkCounts.ExecutionMilliseconds).Where(count => count.Label == group).Sum(count => count.Count);

    private IEnumerable<(string Label, long Count)> Counts(string measure) =>
        _work.Snapshot().Values.SelectMany(counts => counts).Where(count => count.Key.Measure == measure).Select(count => (count.Key.Label, count.Value));
}
