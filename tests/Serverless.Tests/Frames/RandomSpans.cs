using System.Net;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Frames;

/// <summary>Spans that hold anything that a span can hold, from a seed.</summary>
internal sealed class RandomSpans(int seed)
{
    private static readonly string[] Texts = ["", "a", "GET /cart", "späň ☃ 𝄞", "error", new string('x', 300), "\0\"\n"];

    private static readonly double[] Doubles =
        [0, -0.0, 1.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue];

    private static readonly long[] Integers = [0, 1, -1, 63, 64, -65, long.MaxValue, long.MinValue, 200];

    private readonly Random _random = new(seed);

    /// <summary>Spans of some traces, interleaved; ids repeat, parents lie in and out of the set.</summary>
    public List<Span> Make(int count, int traces, bool wholeMicroseconds)
    {
        var ids = Enumerable.Range(0, traces).Select(i => new TraceId(i % 2 == 0 ? 0 : Next(), Next() | 1)).ToArray();
        var resources = Enumerable.Range(0, 4).Select(_ => Resource()).ToArray();
        var scopes = Enumerable.Range(0, 3).Select(_ => Scope()).Append(null).ToArray();
        var spans = new List<Span>();
        for (var i = 0; i < count; i++)
        {
            var hasStart = _random.Next(10) != 0;
            var hasDuration = _random.Next(10) != 0;
            spans.Add(new Span
            {
                TraceId = ids[_random.Next(traces)],
                Id = new SpanId(i > 0 && _random.Next(8) == 0 ? spans[_random.Next(i)].Id.Value : Next()),
                ParentId = new SpanId(_random.Next(4) switch { 0 => 0, 1 => Next(), _ => i == 0 ? 0 : spans[_random.Next(i)].Id.Value }),
                Kind = (SpanKind)_random.Next(6),
                Name = Text(),
                StartNs = hasStart ? Time(wholeMicroseconds) : 0,
                DurationNs = hasDuration ? Duration(wholeMicroseconds) : 0,
                Status = (SpanStatus)_random.Next(3),
                StatusMessage = Rarely(Text, ""),
                Flags = Rarely(Number, 0u),
                TraceState = Rarely(Text, ""),
                Resource = resources[_random.Next(resources.Length)],
                Scope = scopes[_random.Next(scopes.Length)],
                Attributes = Attributes(),
                Events = Rarely(() => Enumerable.Range(0, _random.Next(5)).Select(_ => Event(wholeMicroseconds)).ToArray(), []),
                Links = Rarely(() => Enumerable.Range(0, _random.Next(4)).Select(_ => Link()).ToArray(), []),
                DroppedAttributes = Rarely(Number, 0u),
                DroppedEvents = Rarely(Number, 0u),
                DroppedLinks = Rarely(Number, 0u),
                RemoteEndpoint = Rarely<Endpoint?>(Endpoint, null),
                Marks = (SpanMarks)(_random.Next(4) | (_random.Next(4) << 4))
                    | (hasStart ? 0 : SpanMarks.NoStart) | (hasDuration ? 0 : SpanMarks.NoDuration),
                Protocol = SpanProtocol.Otlp,
            });
        }

        return spans;
    }

    public AttributeValue Value(int depth = 0) => _random.Next(depth < 3 ? 10 : 7) switch
    {
        0 => default,
        1 => AttributeValue.Of(_random.Next(2) == 0),
        2 => AttributeValue.Of(Integers[_random.Next(Integers.Length)]),
        3 => AttributeValue.Of(Doubles[_random.Next(Doubles.Length)]),
        4 => AttributeValue.Of(Bytes()),
        5 or 6 or 7 => AttributeValue.Of(Text()),
        8 => AttributeValue.Of(Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth + 1)).ToArray()),
        _ => AttributeValue.Of(Enumerable.Range(0, _random.Next(4)).Select(_ => new SpanAttribute(Text(), Value(depth + 1))).ToArray()),
    };

    private SpanAttribute[] Attributes() =>
        [.. Enumerable.Range(0, _random.Next(8)).Select(i => new SpanAttribute("key" + _random.Next(12), Value()))];

    private Resource Resource()
    {
        if (_random.Next(3) != 0)
        {
            return new Resource
            {
                ServiceName = Text(),
                Attributes = Attributes(),
                DroppedAttributes = Rarely(Number, 0u),
                SchemaUrl = Rarely(Text, ""),
            };
        }

        var endpoint = Endpoint() with { Port = _random.Next(1, 65536) };
        return new Resource
        {
            ServiceName = endpoint.ServiceName,
            LocalEndpoint = endpoint,
            Attributes = endpoint.ServiceName.Length == 0
                ? []
                : [new SpanAttribute("service.name", AttributeValue.Of(endpoint.ServiceName))],
        };
    }

    private InstrumentationScope? Scope() => new()
    {
        Name = Text(),
        Version = Text(),
        Attributes = Attributes(),
        DroppedAttributes = Rarely(Number, 0u),
        SchemaUrl = Rarely(Text, ""),
    };

    private Endpoint Endpoint() => new(
        Text(),
        _random.Next(2) == 0 ? new IPAddress(Bytes(4)) : null,
        _random.Next(2) == 0 ? new IPAddress(Bytes(16)) : null,
        _random.Next(2) == 0 ? _random.Next(65536) : 0);

    private SpanEvent Event(bool wholeMicroseconds) => new(Time(wholeMicroseconds), Text(), Attributes(), Rarely(Number, 0u));

    private SpanLink Link() => new(new TraceId(Next(), Next()), new SpanId(Next()), Text(), Attributes(), Rarely(Number, 0u), Number());

    private ulong Time(bool wholeMicroseconds)
    {
        var time = _random.Next(6) switch
        {
            0 => 0UL,
            1 => ulong.MaxValue - (ulong)_random.Next(5000),
            2 => Next(),
            _ => 1_753_600_000_000_000_000UL + (ulong)_random.NextInt64(10_000_000_000),
        };
        return wholeMicroseconds ? time / 1000 * 1000 : time;
    }

    private long Duration(bool wholeMicroseconds)
    {
        var duration = _random.Next(6) switch
        {
            0 => 0L,
            1 => long.MaxValue,
            2 => long.MinValue,
            3 => -_random.NextInt64(1_000_000_000),
            _ => _random.NextInt64(1_000_000_000),
        };
        return wholeMicroseconds ? duration / 1000 * 1000 : duration;
    }

    private T Rarely<T>(Func<T> make, T otherwise) => _random.Next(4) == 0 ? make() : otherwise;

    private string Text() => Texts[_random.Next(Texts.Length)];

    private uint Number() => (uint)_random.NextInt64(uint.MaxValue + 1L);

    private ulong Next() => (ulong)_random.NextInt64(1, long.MaxValue) * 2;

    private byte[] Bytes() => Bytes(_random.Next(5));

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
