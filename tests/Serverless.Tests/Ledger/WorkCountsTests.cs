using Serverless.Functions.Accounting;
using Serverless.Tests.Local.Functions;

namespace Serverless.Tests.Ledger;

public sealed class WorkCountsTests
{
    [Fact]
    public void A_minute_is_written_when_something_was_counted_and_forgotten_when_it_is_over()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 3, 5, 12, 0, 10, TimeSpan.Zero));
        var counts = new WorkCounts { Clock = clock };
        counts.Add(WorkCounts.Transactions, "read");
        Assert.Empty(counts.Unwritten());
        counts.Add(WorkCounts.BatchFailures, "assemble", 2);
        var written = Assert.Single(counts.Unwritten());
        counts.Add(WorkCounts.BatchFailures, "assemble");
        counts.Written(written.Minute, written.Changes);
        var again = Assert.Single(counts.Unwritten());
        Assert.Contains(KeyValuePair.Create(new WorkKey(WorkCounts.BatchFailures, "assemble"), 3L), again.Counts);
        clock.Advance(TimeSpan.FromMinutes(3));
        counts.Written(again.Minute, again.Changes);
        Assert.Empty(counts.Snapshot());
    }
}
