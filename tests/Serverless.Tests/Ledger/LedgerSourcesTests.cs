using System.Net;
using Serverless.Tests.Frames;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Ledger;

public sealed class LedgerSourcesTests
{
    private static readonly (SpanMarks Mark, LedgerReason Reason)[] Cuts =
    [
        (0, LedgerReason.None), (SpanMarks.CutAttributes, LedgerReason.Attributes), (SpanMarks.CutEvents, LedgerReason.Events),
        (SpanMarks.CutLinks, LedgerReason.Links), (SpanMarks.CutName, LedgerReason.Name), (SpanMarks.CutValue, LedgerReason.Value),
        (SpanMarks.CutName | SpanMarks.CutValue, LedgerReason.Several), (SpanMarks.CutAttributes | SpanMarks.CutLinks, LedgerReason.Several),
    ];

    private static readonly string[] Keys =
    [
        "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version", "jaeger.version", "service.instance.id", "k8s.pod.name", "host.name",
        "hostname", "ip", "host.ip", "host.id", "other", "telemetry.sdk.nome",
    ];

    [Fact]
    public void The_sdk_the_client_library_and_the_address_tell_the_sender()
    {
        Assert.Equal(
            new LedgerSource(SpanProtocol.Otlp, "shop", "opentelemetry/java/1.32.0", "pod-1"),
            Source(SpanProtocol.Otlp, "shop", null, ("host.name", "h"), ("telemetry.sdk.language", "java"), ("telemetry.sdk.name", "opentelemetry"), ("k8s.pod.name", "pod-1"), ("telemetry.sdk.version", "1.32.0")));
        Assert.Equal(
            new LedgerSource(SpanProtocol.Jaeger, "cart", "jaeger/Go-2.30.0", "10.0.0.1"),
            Source(SpanProtocol.Jaeger, "cart", null, ("jaeger.version", "Go-2.30.0"), ("ip", "10.0.0.1")));
        Assert.Equal(
            new LedgerSource(SpanProtocol.Zipkin, "front", "", "192.168.1.7"),
            Source(SpanProtocol.Zipkin, "front", new Endpoint("front", IPAddress.Parse("192.168.1.7"), null, 0)));
    }

    [Fact]
    public void A_name_that_is_too_long_is_cut_at_a_character()
    {
        var source = new LedgerSource(SpanProtocol.Otlp, new string('a', LedgerSource.LongestService - 1) + "𝄞", "", "");
        Assert.Equal(new string('a', LedgerSource.LongestService - 1), source.Service);
    }

    /// <summary>What is counted at ingest, straight from the request, must be what the finalizer finds in the stored spans.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Ingest_and_storage_tell_the_same_source_whatever_the_resource(int seed)
    {
        var random = new Random(seed);
        var values = new RandomSpans(seed);
        var spans = new List<Span>();
        for (var i = 0; i < 400; i++)
        {
            var address = random.Next(3) switch { 0 => IPAddress.Parse("10.1.2.3"), 1 => IPAddress.IPv6Loopback, _ => null };
            var resource = random.Next(4) == 0
                ? new Resource { ServiceName = "z", LocalEndpoint = new Endpoint("z", address?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? address : null, address?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? address : null, i) }
                : new Resource
                {
                    ServiceName = $"service {random.Next(5)}",
                    Attributes = [.. Enumerable.Range(0, random.Next(8)).Select(_ => new SpanAttribute(Keys[random.Next(Keys.Length)], random.Next(3) == 0 ? values.Value() : AttributeValue.Of($"v{random.Next(4)}")))],
                };
            spans.Add(new Span
            {
                TraceId = new TraceId(0, (ulong)random.Next(1, 40)), Id = new SpanId((ulong)i + 1), Name = "n", StartNs = 1, Resource = resource,
                DroppedAttributes = random.Next(6) == 0 ? 3u : 0, DroppedEvents = random.Next(9) == 0 ? 2u : 0, DroppedLinks = random.Next(9) == 0 ? 1u : 0,
                Marks = random.Next(3) == 0 ? SpanMarks.Truncated | Cuts[random.Next(Cuts.Length)].Mark : random.Next(5) == 0 ? SpanMarks.ClockSuspect : 0,
            });
        }

        var batch = new SpanBatch();
        batch.Reset(SpanProtocol.Otlp);
        SpanFrames.Fill(batch, spans);
        var frames = new FrameBuffer();
        new FrameWriter().Write(batch, frames);
        var tally = new RequestTally();
        for (var round = 0; round < 2; round++)
        {
            tally.Count(default, batch, frames);
            var counts = new LedgerCounts();
            for (var frame = 0; frame < frames.Frames.Count; frame++)
                tally.AddTo(counts, frame);

            var expected = new LedgerCounts();
            foreach (var span in SpanFrames.Decode(frames.Written.ToArray()))
            {
                expected.Add(LedgerSources.Of(span), LedgerStage.Accepted, LedgerReason.None, 1);
                var cut = span.Marks & ~(SpanMarks.Truncated | SpanMarks.ClockSuspect);
                expected.Add(
                    LedgerSources.Of(span), LedgerStage.Truncated, Cuts.Single(known => known.Mark == cut).Reason, (span.Marks & SpanMarks.Truncated) != 0 ? 1 : 0);
                expected.Add(LedgerSources.Of(span), LedgerStage.ClientTruncated, LedgerReason.Attributes, (cut & SpanMarks.CutAttributes) != 0 ? 0 : span.DroppedAttributes);
                expected.Add(LedgerSources.Of(span), LedgerStage.ClientTruncated, LedgerReason.Events, (cut & SpanMarks.CutEvents) != 0 ? 0 : span.DroppedEvents);
                expected.Add(LedgerSources.Of(span), LedgerStage.ClientTruncated, LedgerReason.Links, (cut & SpanMarks.CutLinks) != 0 ? 0 : span.DroppedLinks);
                expected.Add(LedgerSources.Of(span), LedgerStage.ClockSuspect, LedgerReason.None, (span.Marks & SpanMarks.ClockSuspect) != 0 ? 1 : 0);
            }

            // Each source of a frame loses less than a byte by rounding.
            Assert.InRange(counts.Sum(LedgerStage.FrameBytes), frames.Written.Length - counts.Count * frames.Frames.Count, frames.Written.Length);
            var spansAlone = counts.Where(count => count.Key.Stage != LedgerStage.FrameBytes);
            Assert.Equal(expected.OrderBy(count => count.ToString(), StringComparer.Ordinal), spansAlone.OrderBy(count => count.ToString(), StringComparer.Ordinal));
            Assert.Equal(spans.Count, counts.Sum(LedgerStage.Accepted));
        }
    }

    private static LedgerSource Source(SpanProtocol protocol, string service, Endpoint? endpoint, params (string Key, string Value)[] attributes) =>
        LedgerSources.Of(protocol, new Resource
        {
            ServiceName = service, LocalEndpoint = endpoint, Attributes = [.. attributes.Select(a => new SpanAttribute(a.Key, AttributeValue.Of(a.Value)))],
        });
}
