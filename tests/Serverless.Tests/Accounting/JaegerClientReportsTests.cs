using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Serverless.Functions.Accounting;
using Serverless.Tests.Local.Functions;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Tests.Accounting;

public sealed class JaegerClientReportsTests : IDisposable
{
    private readonly SpanCounters _counters = new();
    private readonly ManualClock _clock = new(DateTimeOffset.UnixEpoch);
    private readonly JaegerClientReports _reports;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _measured = new();

    public JaegerClientReportsTests()
    {
        _reports = new JaegerClientReports(_counters, _clock);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Other tests have counters of the same names.
            if (_counters.Owns(instrument))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measured.AddOrUpdate(
            instrument.Name["serverless.jaeger.client.".Length..] + (tags.Length > 0 ? "/" + tags[0].Value : ""), value, (_, sum) => sum + value));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _counters.Dispose();
    }

    [Fact]
    public void The_first_batch_is_the_base_and_only_what_follows_counts()
    {
        Add("a", 100, new(50, 60, 70));
        Assert.Equal("batches.received=1", Measured());
        Add("a", 101, new(51, 62, 73));
        Assert.Equal("batches.received=2 spans.dropped/full_queue=1 spans.dropped/send_failure=3 spans.dropped/too_large=2", Measured());
        Add("a", 102);
        Add("a", 103, new(51, 62, 74));
        Assert.Equal("batches.received=4 spans.dropped/full_queue=1 spans.dropped/send_failure=4 spans.dropped/too_large=2", Measured());
    }

    [Fact]
    public void Numbers_left_out_are_missing_until_they_come()
    {
        Add("a", 1);
        Add("a", 5);
        Assert.Equal("batches.missing=3 batches.received=2", Measured());
        Add("a", 3);
        Assert.Equal("batches.missing=2 batches.received=3", Measured());
        Add("a", 3);
        Add("a", 5);
        Assert.Equal("batches.missing=2 batches.received=5", Measured());
        Add("a", 2);
        Add("a", 4);
        Assert.Equal("batches.missing=0 batches.received=7", Measured());
    }

    [Fact]
    public void What_was_numbered_before_the_base_or_came_far_too_late_changes_nothing()
    {
        Add("a", 10);
        Add("a", 9, new(5, 5, 5));
        Add("a", 0);
        Assert.Equal("batches.received=3", Measured());
        Add("a", 200);
        Add("a", 100);
        Assert.Equal("batches.missing=189 batches.received=5", Measured());
    }

    [Fact]
    public void A_batch_that_came_late_does_not_turn_the_totals_back()
    {
        Add("a", 1, new(0, 0, 0));
        Add("a", 3, new(9, 0, 0));
        Add("a", 2, new(4, 0, 0));
        Add("a", 4, new(10, 0, 0));
        Assert.Equal("batches.missing=0 batches.received=4 spans.dropped/full_queue=10", Measured());
    }

    [Fact]
    public void Totals_that_cannot_be_are_not_counted()
    {
        Add("a", long.MinValue, new(-5, 7, 0));
        Add("a", long.MinValue + 1, new(5, 3, long.MaxValue));
        Assert.Equal("batches.received=2 spans.dropped/send_failure=" + long.MaxValue, Measured());
        Add("a", long.MaxValue);
        Assert.Contains("batches.missing=" + long.MaxValue, Measured());
    }

    [Fact]
    public void A_client_that_was_silent_for_an_hour_is_forgotten()
    {
        Add("old", 1);
        _clock.Advance(TimeSpan.FromMinutes(40));
        Add("young", 1);
        _clock.Advance(TimeSpan.FromMinutes(30));
        Add("young", 2);
        Assert.Equal(1, _reports.ClientCount);
        Add("old", 9);
        Assert.Equal("batches.received=4", Measured());
    }

    [Fact]
    public void No_more_clients_are_followed_than_there_is_room_for()
    {
        for (var i = 0; i < JaegerClientReports.MostClients + 5; i++)
            Add($"c{i}", 1);
        Assert.Equal(JaegerClientReports.MostClients, _reports.ClientCount);
    }

    private void Add(string client, long seqNo, JaegerClientDrops? drops = null) => _reports.Add(new JaegerClientReport(client, "shop", seqNo, drops));

    private string Measured() => string.Join(' ', _measured.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}={m.Value}"));
}
