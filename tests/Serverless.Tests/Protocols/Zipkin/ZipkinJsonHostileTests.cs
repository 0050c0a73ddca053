using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Tests.Protocols.Zipkin;

public sealed class ZipkinJsonHostileTests
{
    private static readonly byte[] Replacements = [(byte)'"', (byte)'\\', (byte)'}', 0xff];

    private readonly SpanBatch _batch = new();
    private readonly ZipkinJsonDecoder _decoder = new();

    public static TheoryData<string> Files => [.. ZipkinCorpus.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_body_cut_anywhere_is_refused(string file)
    {
        var body = ZipkinCorpus.Read(file).AsSpan().TrimEnd("\n"u8);
        for (var length = 1; length < body.Length; length++)
            Assert.False(Accepts(body[..length]), $"accepted when cut to {length} bytes");
        Assert.True(Accepts(body));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_body_with_any_byte_changed_is_read_or_refused(string file)
    {
        var body = ZipkinCorpus.Read(file);
        var refused = 0;
        for (var at = 0; at < body.Length; at++)
        {
            var kept = body[at];
            foreach (var replacement in Replacements)
            {
                body[at] = replacement;
                refused += Accepts(body) ? 0 : 1;
            }

            body[at] = kept;
        }

        Assert.True(refused > body.Length, "changes went unnoticed");
        Assert.True(Accepts(body));
    }

    [Fact]
    public void Random_splices_of_the_corpus_are_read_or_refused()
    {
        var random = new Random(20_260_820);
        var bodies = ZipkinCorpus.Files.Select(ZipkinCorpus.Read).ToArray();
        var accepted = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var from = bodies[random.Next(bodies.Length)];
            var other = bodies[random.Next(bodies.Length)];
            var body = from.ToList();
            for (var edit = random.Next(1, 4); edit > 0; edit--)
            {
                var at = random.Next(body.Count);
                var length = Math.Min(random.Next(1, 24), body.Count - at);
                body.RemoveRange(at, length);
                if (random.Next(2) == 0)
                {
                    var start = random.Next(other.Length - 24);
                    body.InsertRange(at, other.Skip(start).Take(random.Next(1, 24)));
                }
            }

            accepted += Accepts(body.ToArray()) ? 1 : 0;
        }

        Assert.InRange(accepted, 1, 19_999);
    }

    [Fact]
    public void A_million_empty_objects_are_refused_at_the_first()
    {
        var body = Encoding.UTF8.GetBytes("[" + string.Concat(Enumerable.Repeat("{},", 1_000_000)) + "{}]");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Accepts(body));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_million_empty_objects_in_an_unknown_field_cost_no_memory()
    {
        var body = Encoding.UTF8.GetBytes(
            "[{\"traceId\":\"1\",\"id\":\"2\",\"x\":[" + string.Concat(Enumerable.Repeat("{},", 1_000_000)) + "{}]}]");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(Accepts(body));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Many_tags_of_few_keys_take_linear_time_and_the_last_values_win()
    {
        var tags = string.Join(',', Enumerable.Range(0, 300_000).Select(i => $"\"k{i % 400}\":\"{i % 7}\""));
        var spans = ZipkinCorpus.Decode("[{\"traceId\":\"1\",\"id\":\"2\",\"tags\":{" + tags + "}}]");
        Assert.Equal(400, spans[0].Attributes.Count);
        Assert.Equal("k399=" + (299_999 % 7), $"{spans[0].Attributes[399].Key}={spans[0].Attributes[399].Value}");
    }

    [Fact]
    public void A_reused_decoder_does_not_mix_requests_up()
    {
        Assert.True(Accepts("""[{"traceId":"1","id":"2","tags":{"a":"1","b":"2"}}]"""u8));
        Assert.False(Accepts("""[{"traceId":"1","id":"2","tags":{"b":"1","a":"2"}},{}]"""u8));
        Assert.True(Accepts("""[{"traceId":"1","id":"2","tags":{"b":"3","a":"4"}}]"""u8));
        Assert.Equal(["b=3", "a=4"], ZipkinCorpus.Read(_batch)[0].Attributes.Select(a => $"{a.Key}={a.Value}"));
    }

    private bool Accepts(ReadOnlySpan<byte> body)
    {
        _batch.Reset(SpanProtocol.Zipkin);
        try
        {
            _decoder.Decode(body, _batch, DecodeLimits.Default);
            return true;
        }
        catch (MalformedSpansException e)
        {
            Assert.InRange(e.Offset, 0, body.Length);
            return false;
        }
    }
}
