using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Protocols.Properties;

/// <summary>Spans with anything that a protocol can say, as they should come back from storage.</summary>
internal static class SpanGenerators
{
    private const long Start = 1_700_000_000_000_000;

    private static readonly Gen<ulong> Bits = Gen.Choose(int.MinValue, int.MaxValue).Two().Select(halves => ((ulong)(uint)halves.Item1 << 32) | (uint)halves.Item2);

    private static readonly Gen<ulong> Id = Gen.OneOf(Bits, Gen.Choose(1, 100).Select(id => (ulong)id), Gen.Constant(ulong.MaxValue)).Where(id => id != 0);

    private static readonly Gen<TraceId> Trace = Gen.OneOf(Gen.Constant(0UL), Bits).Zip(Id, (high, low) => new TraceId(high, low));

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Elements("", "a", "GET /cart", "späň ☃ 𝄞", "\0\"\\\n\u007f", "</script>", new string('x', 3_000)),
        Gen.Choose(0, 0x10FFFF).Where(Rune.IsValid).ListOf().Select(runes => string.Concat(runes.Select(rune => new Rune(rune).ToString()))));

    private static readonly Gen<string> Name = Gen.Elements("get", "späň ☃", "a b", "x", "0");

    private static readonly Gen<long> Int64 = Gen.OneOf(Gen.Elements(0, 1, -1, long.MaxValue, long.MinValue), Bits.Select(bits => (long)bits));

    private static readonly Gen<double> Double = Gen.OneOf(
        Gen.Elements(0.0, -0.0, 0.1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue),
        Bits.Select(bits => BitConverter.UInt64BitsToDouble(bits)).Where(double.IsFinite));

    private static readonly Gen<AttributeValue> Scalar = Gen.OneOf(
        Text.Select(AttributeValue.Of), Int64.Select(AttributeValue.Of), Double.Select(AttributeValue.Of),
        Gen.Elements(true, false).Select(AttributeValue.Of), Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf().Select(AttributeValue.Of));

    private static readonly Gen<Endpoint> Address =
        from name in Gen.OneOf(Gen.Constant(""), Name)
        from ipv4 in Gen.Elements<IPAddress?>(null, IPAddress.Parse("10.1.2.3"), IPAddress.Parse("255.255.255.255"))
        from ipv6 in Gen.Elements<IPAddress?>(null, IPAddress.Parse("2001:db8::c001"))
        from port in Gen.Elements(0, 80, 65_535)
        select new Endpoint(name, ipv4, ipv6, port);

    /// <summary>Lists of a span for each way to come.</summary>
    public static Gen<List<Span>> Lists(SpanProtocol protocol) => (protocol switch
    {
        SpanProtocol.Otlp => Otlp,
        SpanProtocol.Zipkin => Zipkin,
        _ => Jaeger,
    }).ListOf().Select(spans => spans.ToList());

    /// <summary>Spans as Zipkin's v1 has them too: of one local service, without a kind.</summary>
    public static Gen<List<Span>> ZipkinV1Lists() =>
        Zipkin.Where(span => span.Resource.LocalEndpoint is { ServiceName.Length: > 0, Ipv4: not null } && span is { HasStart: true, HasDuration: true })
            .Select(span => new Span
            {
                TraceId = span.TraceId, Id = span.Id, ParentId = span.ParentId, Name = span.Name, StartNs = span.StartNs, DurationNs = span.DurationNs,
                Resource = span.Resource, Events = span.Events, Attributes = [.. span.Attributes, Attribute("lc", "x")],
                Marks = span.Marks & SpanMarks.Debug, Protocol = SpanProtocol.Zipkin,
            })
            .ListOf().Select(spans => spans.ToList());

    private static Gen<AttributeValue> Value(int depth) => depth == 0
        ? Scalar
        : Gen.OneOf(
            Scalar, Scalar, Gen.Constant(default(AttributeValue)),
            Value(depth - 1).ArrayOf(3).Select(items => AttributeValue.Of(items)),
            Attributes(depth - 1).Select(entries => AttributeValue.Of(entries)));

    private static Gen<SpanAttribute[]> Attributes(int depth) => Text.Zip(Value(depth), (key, value) => new SpanAttribute(key, value)).ArrayOf().Select(Few);

    // Keys with a meaning of their own in some protocol have tests of their own.
    private static Gen<SpanAttribute[]> Tags(Gen<AttributeValue> values) => Text.Zip(values, (key, value) => new SpanAttribute("t." + key, value)).ArrayOf()
        .Select(tags => Few([.. tags.DistinctBy(tag => tag.Key)]));

    private static readonly Gen<Span> Otlp =
        from trace in Trace
        from id in Id
        from parent in Gen.OneOf(Gen.Constant(0UL), Id)
        from name in Text
        from kind in Gen.Choose(0, 5)
        from status in Gen.Choose(0, 2)
        from start in Gen.OneOf(Bits, Gen.Choose(0, int.MaxValue).Select(offset => ((ulong)Start * 1000) + (ulong)offset)).Where(time => time != 0)
        from duration in Gen.Choose(-1000, int.MaxValue)
        where start + (ulong)duration != 0
        from texts in Text.ArrayOf(6)
        from attributes in Attributes(3)
        from resource in Attributes(1)
        from service in Text
        from numbers in Bits.ArrayOf(6)
        from events in Bits.Zip(Text, (time, title) => (time, title)).Zip(Attributes(1), (e, inner) => new SpanEvent(e.time, e.title, inner, (uint)e.time)).ArrayOf()
        from links in Trace.Zip(Id, (of, to) => (of, to)).Zip(Attributes(1), (l, inner) => new SpanLink(l.of, new SpanId(l.to), "s=1", inner, (uint)l.to, (uint)(l.to >> 32))).ArrayOf()
        select new Span
        {
            TraceId = trace, Id = new SpanId(id), ParentId = new SpanId(parent), Name = name, Kind = (SpanKind)kind, Status = (SpanStatus)status,
            StartNs = start, DurationNs = duration, StatusMessage = texts[0], TraceState = texts[1], Flags = (uint)numbers[0],
            DroppedAttributes = (uint)numbers[1], DroppedEvents = (uint)numbers[2], DroppedLinks = (uint)numbers[3],
            Attributes = attributes, Events = Few(events), Links = Few(links),
            Resource = new Resource { ServiceName = service, Attributes = [.. resource, Attribute("service.name", service)], DroppedAttributes = (uint)numbers[4], SchemaUrl = texts[2] },
            Scope = new InstrumentationScope { Name = texts[3], Version = texts[4], Attributes = Few(resource), DroppedAttributes = (uint)numbers[5], SchemaUrl = texts[5] },
            Protocol = SpanProtocol.Otlp,
        };

    private static readonly Gen<Span> Zipkin =
        from trace in Trace
        from id in Id
        from parent in Gen.OneOf(Gen.Constant(0UL), Id)
        where parent != id
        from name in Gen.OneOf(Gen.Constant(""), Name)
        from kind in Gen.Elements(SpanKind.Unspecified, SpanKind.Client, SpanKind.Server, SpanKind.Producer, SpanKind.Consumer)
        from start in Gen.Choose(0, int.MaxValue)
        from duration in Gen.Choose(0, 1_000)
        from marks in Gen.Elements(SpanMarks.None, SpanMarks.Debug, SpanMarks.Shared, SpanMarks.Shared | SpanMarks.Debug)
        from local in Address
        from remote in Gen.OneOf(Gen.Constant<Endpoint?>(null), Address.Select(address => (Endpoint?)address).Where(address => address != new Endpoint("", null, null, 0)))
        from tags in Tags(Text.Select(AttributeValue.Of))
        from events in Gen.Choose(1, int.MaxValue).Zip(Text, (time, value) => new SpanEvent((ulong)(Start + time) * 1000, value, [], 0)).ArrayOf()
        select new Span
        {
            TraceId = trace, Id = new SpanId(id), ParentId = new SpanId(parent), Name = name, Kind = kind,
            StartNs = start == 0 ? 0 : (ulong)(Start + start) * 1000, DurationNs = duration * 1000,
            Marks = (kind == SpanKind.Client ? marks & ~SpanMarks.Shared : marks) | (start == 0 ? SpanMarks.NoStart : 0) | (duration == 0 ? SpanMarks.NoDuration : 0),
            Resource = new Resource
            {
                ServiceName = local.ServiceName,
                Attributes = local.ServiceName.Length == 0 ? [] : [Attribute("service.name", local.ServiceName)],
                LocalEndpoint = local is { Ipv4: null, Ipv6: null, Port: 0 } ? null : local,
            },
            RemoteEndpoint = remote, Attributes = tags,
            Events = [.. Few(events).OrderBy(e => e.TimeNs).DistinctBy(e => e.TimeNs)],
            Protocol = SpanProtocol.Zipkin,
        };

    private static readonly Gen<Span> Jaeger =
        from trace in Trace
        from id in Id
        from parent in Gen.OneOf(Gen.Constant(0UL), Id)
        from name in Text
        from flags in Gen.Elements(0u, 1u, 2u, 3u, uint.MaxValue)
        from start in Gen.Choose(1, int.MaxValue)
        from duration in Gen.Choose(-1_000, int.MaxValue)
        from tags in Tags(Scalar)
        from events in Gen.Choose(0, int.MaxValue).Zip(Tags(Scalar), (time, fields) => new SpanEvent((ulong)(Start + time) * 1000, "", fields, 0)).ArrayOf()
        select new Span
        {
            TraceId = trace, Id = new SpanId(id), ParentId = new SpanId(parent), Name = name, Flags = flags,
            StartNs = (ulong)(Start + start) * 1000, DurationNs = duration * 1000L, Marks = (flags & 2) != 0 ? SpanMarks.Debug : SpanMarks.None,
            Attributes = tags, Events = Few(events), Protocol = SpanProtocol.Jaeger,
            Resource = new Resource { ServiceName = "shop", Attributes = [Attribute("service.name", "shop"), Attribute("t.host", "a")] },
        };

    private static SpanAttribute Attribute(string key, string value) => new(key, AttributeValue.Of(value));

    private static T[] Few<T>(T[] items) => items.Length <= 6 ? items : items[..6];
}
