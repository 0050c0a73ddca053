using Serverless.Functions;
using Serverless.Functions.Querying;
using Serverless.Tests.Assembling;
using Serverless.Tests.Assembly;
using Serverless.Tests.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Querying;

public sealed class TraceStreamsTests : IAsyncDisposable
{
    private static readonly DateTimeOffset FirstDay = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private readonly MergeStore _store = new(FirstDay);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_time_hint_reads_only_its_days_and_all_where_nothing_is_found()
    {
        await _store.StoreAsync("0", SampleSpan.Of(1));
        _store.Clock.Advance(TimeSpan.FromDays(4));
        await _store.StoreAsync("0", SampleSpan.Of(2));
        using var streams = Streams(new TracingSettings());

        Assert.Equal([1UL, 2UL], await IdsAsync(streams, TraceTimes.Unknown));
        Assert.Equal([1UL], await IdsAsync(streams, new TraceTimes(FirstDay, FirstDay)));
        Assert.Equal([2UL], await IdsAsync(streams, new TraceTimes(FirstDay.AddDays(3), null)));
        Assert.Equal([1UL, 2UL], await IdsAsync(streams, new TraceTimes(FirstDay.AddDays(2), FirstDay.AddDays(2))));
        Assert.Equal([1UL, 2UL], await IdsAsync(streams, new TraceTimes(FirstDay.AddDays(-9), FirstDay.AddDays(-8))));
        Assert.Equal([2UL], await IdsAsync(streams, new TraceTimes(FirstDay.AddDays(4), FirstDay.AddDays(4))));
    }

    [Fact]
    public async Task A_large_trace_has_the_spans_of_a_small_one()
    {
        for (var i = 0; i < 5; i++)
            await _store.StoreAsync("0", [.. SampleGraphs.Make(i).Where(span => span.TraceId == SampleSpan.Trace)]);
        using var small = Streams(new TracingSettings());
        using var large = Streams(new TracingSettings { LargeTraceBytes = 100 });
        using var whole = await OpenAsync(small);
        using var stream = await OpenAsync(large);
        Assert.NotNull(whole.Whole);
        Assert.Null(stream.Whole);
        Assert.Null(stream.Warning);
        SpanSequenceTests.AssertSameButContradictions(whole.Whole.Spans, stream.Read(splitsShared: true));
        Assert.Equal(Texts(whole.Read(splitsShared: false)), Texts(stream.Read(splitsShared: false)));
    }

    [Fact]
    public async Task What_is_over_the_bounds_is_left_out_and_the_trace_says_so()
    {
        for (var i = 1; i <= 20; i++)
            await _store.StoreAsync("0", SampleSpan.Of((ulong)i));
        using var bySpans = Streams(new TracingSettings { LargeTraceBytes = 100, MaxTraceSpans = 12 });
        using (var cut = await OpenAsync(bySpans))
        {
            Assert.Equal("The trace has more spans than can be read at once: some are left out.", cut.Warning);
            Assert.Equal(12, cut.Read(splitsShared: true).Count());
        }

        using var byBytes = Streams(new TracingSettings { LargeTraceBytes = 100, MaxTraceBytes = 300 });
        using (var cut = await OpenAsync(byBytes))
        {
            Assert.True(cut.IsCut);
            Assert.InRange(cut.Read(splitsShared: true).Count(), 1, 19);
        }
    }

    [Fact]
    public async Task Large_traces_wait_for_each_other_and_small_ones_do_not()
    {
        for (var i = 1; i <= 20; i++)
            await _store.StoreAsync("0", SampleSpan.Of((ulong)i));
        await _store.StoreAsync("0", SampleSpan.Of(1, trace: new TraceId(0, 77)));
        using var streams = Streams(new TracingSettings { LargeTraceBytes = 300, LargeTracesAtOnce = 1, LargeTraceWaitSeconds = 5 });
        var first = await OpenAsync(streams);
        var second = OpenAsync(streams);
        var third = OpenAsync(streams);
        using (var small = await streams.OpenAsync(new TraceId(0, 77), true, TraceTimes.Unknown, CancellationToken.None))
            Assert.Single(small.Whole!.Spans);
        Assert.False(second.IsCompleted);

        first.Dispose();
        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.Read(splitsShared: true));
        var next = await await Task.WhenAny(second, third);
        Assert.Equal(20, next.Read(splitsShared: false).Count());
        _store.Clock.Advance(TimeSpan.FromSeconds(6));
        var refused = await Assert.ThrowsAsync<TooManyLargeTracesException>(() => second.IsCompletedSuccessfully ? third : second);
        Assert.Equal("Several large traces are being answered at this time; the request is right, send it again later.", refused.Message);
        Assert.Equal(0, streams.FreePlaces);
        next.Dispose();
        Assert.Equal(1, streams.FreePlaces);
    }

    [Fact]
    public async Task A_caller_who_is_gone_while_waiting_leaves_no_place_behind()
    {
        for (var i = 1; i <= 20; i++)
            await _store.StoreAsync("0", SampleSpan.Of((ulong)i));
        using var streams = Streams(new TracingSettings { LargeTraceBytes = 300, LargeTracesAtOnce = 1 });
        using var gone = new CancellationTokenSource();
        using (await OpenAsync(streams))
        {
            var waiting = streams.OpenAsync(SampleSpan.Trace, true, TraceTimes.Unknown, gone.Token);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        Assert.Equal(1, streams.FreePlaces);
    }

    private TraceStreams Streams(TracingSettings settings) => new(_store.Storage, _store.Tables, new TraceArchive(_store.Storage), settings, _store.Clock);

    private static Task<TraceStream> OpenAsync(TraceStreams streams) =>
        streams.OpenAsync(SampleSpan.Trace, true, TraceTimes.Unknown, CancellationToken.None);

    private static async Task<IEnumerable<ulong>> IdsAsync(TraceStreams streams, TraceTimes times)
    {
        using var trace = await streams.OpenAsync(SampleSpan.Trace, true, times, CancellationToken.None);
        return [.. trace.Read(splitsShared: true).Select(span => span.Id.Value)];
    }

    private static IEnumerable<string> Texts(IEnumerable<Span> spans) => spans.Select(SpanFrames.Describe).Order(StringComparer.Ordinal);
}
