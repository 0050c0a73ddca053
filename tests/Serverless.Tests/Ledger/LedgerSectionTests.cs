using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Tests.Ledger;

public sealed class LedgerSectionTests
{
    private static readonly LedgerSource Shop = new(SpanProtocol.Otlp, "shop", "opentelemetry/java/1.32.0", "pod-1");
    private static readonly LedgerSource Cart = new(SpanProtocol.Zipkin, "cärt", "", "10.0.0.7");

    [Fact]
    public void A_section_comes_back_as_it_was_written()
    {
        var section = Sample();
        var bytes = new LedgerSectionWriter().Write(section).ToArray();

        var read = LedgerSectionReader.Read(bytes);

        Assert.Equal(section.Counts.OrderBy(count => count.ToString()), read.Counts.OrderBy(count => count.ToString()));
        Assert.Equal(section.Requests, read.Requests);
        Assert.Equal(section.Reports, read.Reports);
        Assert.Equal(section.Series, read.Series);
        var (expected, sample) = (Assert.Single(section.Samples), Assert.Single(read.Samples));
        Assert.Equal(expected.Body, sample.Body);
        Assert.Equal(expected with { Body = [] }, sample with { Body = [] });
        Assert.Equal(expected.Id, Assert.Single(LedgerSectionReader.ReadSamples(bytes)).Id);
        var withoutSamples = LedgerSectionReader.Read(bytes.AsSpan(0, LedgerSectionReader.LengthWithoutSamples(bytes)));
        Assert.Empty(withoutSamples.Samples);
        Assert.Equal(section.Requests, withoutSamples.Requests);
    }

    [Fact]
    public void An_empty_section_takes_no_bytes()
    {
        Assert.True(new LedgerSectionWriter().Write(new LedgerSection()).IsEmpty);
        Assert.True(LedgerSectionReader.Read([]).IsEmpty);
        Assert.Empty(LedgerSectionReader.ReadSamples([]));
    }

    [Fact]
    public void Damage_is_said_and_leads_nowhere_else()
    {
        var bytes = new LedgerSectionWriter().Write(Sample()).ToArray();
        var refused = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var damaged in (byte[][])[[.. bytes[..at]], [.. bytes[..at], (byte)(bytes[at] ^ 0xFF), .. bytes[(at + 1)..]]])
            {
                try
                {
                    LedgerSectionReader.Read(damaged);
                }
                catch (FrameFormatException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > bytes.Length / 2, $"{refused} of {2 * bytes.Length}");
        var newer = Assert.Throws<FrameFormatException>(() => LedgerSectionReader.Read([9, .. bytes[1..]]));
        Assert.Contains("a ledger section of version 9 where 2 at most was expected", newer.Message);
    }

    [Fact]
    public void Too_many_sources_are_no_longer_told_apart_and_none_of_their_spans_is_left_out()
    {
        var counts = new LedgerCounts(mostSources: 10);
        for (var i = 0; i < 1_000; i++)
            counts.Add(new LedgerSource(SpanProtocol.Otlp, $"service {i % 50}", "sdk", $"{i}"), LedgerStage.Accepted, LedgerReason.None, i);

        Assert.Equal(999 * 1_000 / 2, counts.Sum(LedgerStage.Accepted));
        Assert.InRange(counts.Count, 10, 17);
        Assert.Contains(counts, count => count.Key.Source.Service == LedgerSource.Other);
    }

    [Fact]
    public void A_section_stays_below_half_a_megabyte_whatever_senders_call_themselves()
    {
        var section = new LedgerSection();
        for (var i = 0; i < 20_000; i++)
        {
            var source = new LedgerSource(SpanProtocol.Otlp, $"{i}{string.Concat(Enumerable.Repeat("𝄞", 300))}", new string('☃', 300), $"{i}");
            section.Counts.Add(source, LedgerStage.Refused, LedgerReason.Malformed, 1);
            section.Add(new LedgerRequest(new ReceiptId(i, 5), 1, 1));
            section.Add(new LedgerSample { Id = default, Source = source, Reason = LedgerReason.Malformed, Status = 400, Body = new byte[1024], Message = new string('☃', 5000) });
        }

        Assert.Equal(20_000, section.Counts.Sum(LedgerStage.Refused));
        Assert.Equal(20_000 - LedgerSection.MostSamples, section.Counts.Sum(LedgerStage.SamplesDropped));
        Assert.InRange(new LedgerSectionWriter().Write(section).Length, 1, 512 << 10);
    }

    [Fact]
    public void Every_stage_and_reason_has_a_word_of_its_own()
    {
        Assert.Equal("refused_requests", LedgerWords.Of(LedgerStage.RefusedRequests));
        Assert.Equal("queue_full", LedgerWords.Of(LedgerReason.QueueFull));
        Assert.Equal("", LedgerWords.Of(LedgerReason.None));
        Assert.Equal("99", LedgerWords.Of((LedgerReason)99));
        foreach (var stage in Enum.GetValues<LedgerStage>())
        {
            Assert.True(LedgerWords.TryParse(LedgerWords.Of(stage), out LedgerStage parsed));
            Assert.Equal(stage, parsed);
        }
    }

    [Fact]
    public void A_receipt_id_comes_back_from_its_text()
    {
        var id = ReceiptId.New(DateTimeOffset.FromUnixTimeMilliseconds(1_780_000_000_123));
        Assert.Equal(24, id.ToString().Length);
        Assert.True(ReceiptId.TryParse(id.ToString(), out var read));
        Assert.Equal(id, read);
        Assert.False(ReceiptId.TryParse("0123", out _));
        Assert.False(ReceiptId.TryParse(new string('x', 24), out _));
    }

    private static LedgerSection Sample()
    {
        var section = new LedgerSection();
        section.Counts.Add(Shop, LedgerStage.Accepted, LedgerReason.None, 12_345);
        section.Counts.Add(Cart, LedgerStage.Accepted, LedgerReason.None, 7);
        section.Counts.Add(Cart, LedgerStage.Refused, LedgerReason.InvalidSpan, 1);
        section.Add(new LedgerRequest(new ReceiptId(1_780_000_000_000, 0xABCDEF012345), 200, 100));
        section.Add(new LedgerRequest(new ReceiptId(1_779_999_999_990, 1), 5, 5));
        section.Add(new LedgerClientReport(Shop, "client", 42, new JaegerClientDrops(1, 2, 3)));
        section.Add(new LedgerClientReport(Cart, "other", 1, null));
        section.Add(new LedgerSeriesReport(Cart, new UInt128(ulong.MaxValue, 3), LedgerReason.SendFailed, 1_780_000_000_000_000_000, ulong.MaxValue, 12));
        section.Add(new LedgerSample
        {
            Id = new ReceiptId(1_780_000_000_001, 2), Source = Cart, Reason = LedgerReason.Malformed, Status = 400, Message = "no JSON", Path = "/api/v2/spans",
            ContentType = "application/json", ContentEncoding = "gzip", BodyLength = 3, Body = [1, 2, 3],
        });
        return section;
    }
}
