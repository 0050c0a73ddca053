using System.IO.Compression;
using System.Text;
using Serverless.Tests.Assembly;
using Serverless.Tests.Frames;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Analytics;

namespace Serverless.Tests.Protocols.Analytics;

public sealed class AnalyticsPackerTests
{
    [Fact]
    public void A_few_lines_are_one_event_with_one_whole_gzip_member()
    {
        using var packer = new AnalyticsPacker(1_000_000);
        var trace = AssembledTrace.Assemble([SampleSpan.Of(1), SampleSpan.Of(2, 1)]);
        packer.Add(trace, 1);
        Assert.False(packer.TryTake(out _));
        packer.Finish();
        Assert.True(packer.TryTake(out var full));
        using (full)
        {
            Assert.Equal(2, full.Lines);
            Assert.Equal(AnalyticsText.Of(trace), Unpack(full));
        }

        Assert.False(packer.TryTake(out _));
    }

    [Fact]
    public void Nothing_makes_no_event()
    {
        using var packer = new AnalyticsPacker(1_000_000);
        packer.Finish();
        packer.Add(AssembledTrace.Assemble([]), 1);
        packer.Finish();
        Assert.False(packer.TryTake(out _));
    }

    [Theory]
    [InlineData(AnalyticsPacker.MinEventBytes)]
    [InlineData(200_000)]
    public void Events_keep_to_their_limit_whatever_the_lines_and_hold_whole_lines_in_order(int maxEventBytes)
    {
        using var packer = new AnalyticsPacker(maxEventBytes);
        var expected = new StringBuilder();
        var unpacked = new StringBuilder();
        var events = 0;
        foreach (var trace in Traces())
        {
            expected.Append(AnalyticsText.Of(trace, 2));
            packer.Add(trace, 2);
            events += Take(packer, maxEventBytes, unpacked);
        }

        packer.Finish();
        events += Take(packer, maxEventBytes, unpacked);
        Assert.Equal(0, packer.CutLines);
        Assert.True(events > 2, $"{events} events");
        Assert.Equal(expected.ToString(), unpacked.ToString());
        Assert.Equal(expected.ToString().Count(c => c == '\n'), packer.Lines);
    }

    [Fact]
    public void Lines_that_do_not_compress_fit_their_events_and_are_cut_where_one_is_too_long()
    {
        using var packer = new AnalyticsPacker(AnalyticsPacker.MinEventBytes);
        var random = new Random(1);
        var unpacked = new StringBuilder();
        for (var i = 1; i <= 40; i++)
        {
            var bytes = new byte[i * 2_000];
            random.NextBytes(bytes);
            packer.Add(AssembledTrace.Assemble([Span((ulong)i, new SpanAttribute("k", AttributeValue.Of(bytes)))]), 1);
            Take(packer, AnalyticsPacker.MinEventBytes, unpacked);
        }

        packer.Finish();
        Take(packer, AnalyticsPacker.MinEventBytes, unpacked);
        var rows = AnalyticsText.Parse(unpacked.ToString());
        Assert.Equal(40, rows.Count);
        Assert.Equal(packer.CutLines, rows.Count(row => row.TryGetProperty("IsCut", out _)));
        Assert.InRange(packer.CutLines, 10, 30);
    }

    [Fact]
    public void Events_are_nearly_full()
    {
        const int maxEventBytes = 256 * 1024;
        using var packer = new AnalyticsPacker(maxEventBytes);
        var sizes = new List<int>();
        var trace = AssembledTrace.Assemble([.. new RandomSpans(9).Make(200, 1, wholeMicroseconds: false)]);
        while (sizes.Count < 3)
        {
            packer.Add(trace, 1);
            while (packer.TryTake(out var full))
            {
                sizes.Add(full.Bytes.Length);
                full.Dispose();
            }
        }

        Assert.All(sizes, size => Assert.InRange(size, maxEventBytes * 9 / 10, maxEventBytes));
    }

    [Fact]
    public void A_packer_that_is_disposed_of_with_lines_in_it_can_begin_anew()
    {
        var packer = new AnalyticsPacker(1_000_000);
        packer.Add(AssembledTrace.Assemble([SampleSpan.Of(1)]), 1);
        packer.Dispose();
        var trace = AssembledTrace.Assemble([SampleSpan.Of(2)]);
        packer.Add(trace, 1);
        packer.Finish();
        Assert.True(packer.TryTake(out var full));
        Assert.Equal(AnalyticsText.Of(trace), Unpack(full));
        full.Dispose();
        Assert.Throws<ObjectDisposedException>(() => full.Bytes);
        packer.Dispose();
    }

    private static IEnumerable<AssembledTrace> Traces()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            foreach (var trace in new RandomSpans(seed).Make(600, 15, wholeMicroseconds: false).GroupBy(span => span.TraceId))
                yield return AssembledTrace.Assemble([.. trace]);
        }
    }

    private static int Take(AnalyticsPacker packer, int maxEventBytes, StringBuilder unpacked)
    {
        var events = 0;
        for (; packer.TryTake(out var full); events++)
        {
            using (full)
            {
                Assert.InRange(full.Bytes.Length, 1, maxEventBytes);
                var text = Unpack(full);
                Assert.Equal(full.Lines, text.Count(c => c == '\n'));
                unpacked.Append(text);
            }
        }

        return events;
    }

    // The runtime is set to refuse a member that is cut off.
    private static string Unpack(AnalyticsEvent full)
    {
        using var gzip = new GZipStream(new MemoryStream(full.Bytes.ToArray()), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, new UTF8Encoding(false, throwOnInvalidBytes: true));
        return reader.ReadToEnd();
    }

    private static Span Span(ulong id, params SpanAttribute[] attributes) => new()
    {
        TraceId = new TraceId(0, id), Id = new SpanId(id), StartNs = 1, DurationNs = 1, Attributes = attributes, Protocol = SpanProtocol.Otlp,
    };
}
