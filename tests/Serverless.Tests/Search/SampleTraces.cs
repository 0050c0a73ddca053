using System.Globalization;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

/// <summary>Traces and queries from a small vocabulary, so that random queries match some of them.</summary>
internal sealed class SampleTraces(int seed)
{
    public const ulong Begin = 1_753_600_000_000_000_000;

    private const ulong Minute = 60_000_000_000;

    private static readonly string[] Services = ["checkout", "Checkout", "cart", "ÄPFEL", "äpfel", ""];
    private static readonly string[] Names = ["get /", "GET /", "pay", ""];
    private static readonly string[] Keys = ["http.status_code", "error", "user", "db", "peer.service", "nested", "event"];
    private static readonly string[] Messages = ["retry", "sent", "boom 42"];

    private readonly Random _random = new(seed);

    public List<List<Span>> Make(int traces)
    {
        var resources = Services.Select(Resource).ToArray();
        var all = new List<List<Span>>();
        for (var i = 0; i < traces; i++)
        {
            var start = Begin + ((ulong)_random.NextInt64(180) * Minute) + (ulong)_random.NextInt64((long)Minute);
            var id = new TraceId(_random.Next(2) == 0 ? 0 : (ulong)_random.NextInt64(), (ulong)_random.NextInt64(1, long.MaxValue));
            var protocol = _random.Next(2) == 0 ? SpanProtocol.Otlp : SpanProtocol.Zipkin;
            all.Add([.. Enumerable.Range(0, _random.Next(1, 8)).Select(n => Span(id, (ulong)n + 1, start, protocol, resources))]);
        }

        return all;
    }

    public TraceQuery Query()
    {
        var from = Begin + ((ulong)_random.NextInt64(180) * Minute);
        return new TraceQuery
        {
            Semantics = (QuerySemantics)_random.Next(3),
            ServiceName = _random.Next(4) == 0 ? null : Services[_random.Next(Services.Length)],
            SpanName = _random.Next(3) != 0 ? null : Names[_random.Next(Names.Length)],
            RemoteServiceName = _random.Next(6) != 0 ? null : _random.Next(2) == 0 ? "MySQL" : "cart",
            SpanKind = _random.Next(6) != 0 ? null : (SpanKind)_random.Next(6),
            MinDurationNs = _random.Next(4) != 0 ? null : Duration(),
            MaxDurationNs = _random.Next(4) != 0 ? null : Duration(),
            StartMinNs = from,
            StartMaxNs = from + ((ulong)_random.NextInt64(1, 180) * Minute),
            Conditions = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => Condition())],
        };
    }

    /// <summary>
    /// The spans as senders may report them, some in parts: one part may have the name, another the kind, the duration, the status or the attributes, and
    /// one alone says when it began and whose it is.
    /// </summary>
    public IEnumerable<Span> Reports(Span span)
    {
        if (_random.Next(3) != 0)
            return [span];
        var (named, timed, told) = (_random.Next(2) == 0, _random.Next(2) == 0, _random.Next(2) == 0);
        return [Part(span, true, named, timed, told), Part(span, false, !named, !timed, !told)];
    }

    private static Span Part(Span span, bool isFirst, bool isNamed, bool isTimed, bool isTold) => new()
    {
        TraceId = span.TraceId,
        Id = span.Id,
        ParentId = span.ParentId,
        Kind = isNamed ? span.Kind : SpanKind.Unspecified,
        Name = isNamed ? span.Name : "",
        StartNs = isFirst ? span.StartNs : 0,
        DurationNs = isTimed ? span.DurationNs : 0,
        Status = isTold ? span.Status : SpanStatus.Unset,
        StatusMessage = isTold ? span.StatusMessage : "",
        Resource = isFirst ? span.Resource : Serverless.Tracing.Model.Resource.Unknown,
        Scope = isTold ? span.Scope : null,
        Attributes = isTold ? span.Attributes : [],
        Events = isNamed ? span.Events : [],
        Links = isTimed ? span.Links : [],
        RemoteEndpoint = isNamed ? span.RemoteEndpoint : null,
        Marks = (isFirst ? span.Marks & SpanMarks.NoStart : SpanMarks.NoStart) | (isTimed ? SpanMarks.None : SpanMarks.NoDuration),
        Protocol = span.Protocol,
    };

    private TagCondition Condition()
    {
        var key = Keys[_random.Next(Keys.Length)];
        return _random.Next(20) switch
        {
            < 8 => Comparison(key),
            8 => TagCondition.NoError(),
            9 => TagCondition.Error(),
            10 => TagCondition.Exists(key),
            11 => TagCondition.Exists(Messages[_random.Next(Messages.Length)]),
            12 => TagCondition.Equal("error", _random.Next(3) switch { 0 => "true", 1 => "false", _ => "failed" }),
            13 => TagCondition.Equal("span.kind", _random.Next(2) == 0 ? "server" : "client"),
            14 => TagCondition.Equal("span.status", _random.Next(2) == 0 ? "ok" : "error"),
            15 => TagCondition.Equal(_random.Next(2) == 0 ? "scope.name" : "otel.scope.version", _random.Next(2) == 0 ? "lib" : ""),
            16 => TagCondition.Equal("resource.host", "host" + _random.Next(3)),
            17 => TagCondition.Equal("event", Messages[_random.Next(Messages.Length)]),
            18 => TagCondition.Equal("link.why", "batch"),
            _ => TagCondition.Equal(key, Value(key).ToString()),
        };
    }

    private TagCondition Comparison(string key)
    {
        var comparison = (TagOperator)_random.Next(8);
        if (_random.Next(6) == 0)
            key = _random.Next(2) == 0 ? "resource.host" : "scope-less";
        var operand = _random.Next(8) switch
        {
            0 => AttributeValue.Of(200.0 + _random.Next(3)),
            1 => AttributeValue.Of(0L),
            2 => AttributeValue.Of(_random.Next(2) == 0),
            3 => AttributeValue.Of(Messages[_random.Next(Messages.Length)]),
            4 => AttributeValue.Of("host1"),
            _ => Value(key),
        };
        return TagCondition.Compare(key, comparison, operand);
    }

    private Span Span(TraceId trace, ulong id, ulong start, SpanProtocol protocol, Resource[] resources) => new()
    {
        TraceId = trace,
        Id = new SpanId(id),
        ParentId = new SpanId(_random.Next(id == 1 ? 2 : 5) == 0 ? 0 : id == 1 ? 99 : id - 1),
        Kind = (SpanKind)_random.Next(6),
        Name = Names[_random.Next(Names.Length)],
        StartNs = id % 7 == 6 ? 0 : start + (ulong)_random.NextInt64((long)(9 * Minute)),
        DurationNs = Duration(),
        Status = (SpanStatus)_random.Next(3),
        StatusMessage = _random.Next(3) == 0 ? "failed" : "",
        Resource = resources[_random.Next(resources.Length)],
        Scope = _random.Next(2) == 0 ? null : new InstrumentationScope
        {
            Name = _random.Next(2) == 0 ? "lib" : "",
            Version = "lib",
            Attributes = [new SpanAttribute("db", Value("db"))],
        },
        Attributes = [.. Enumerable.Range(0, _random.Next(5)).Select(_ => Keys[_random.Next(Keys.Length)])
            .Select(key => new SpanAttribute(key, Value(key)))],
        Events = _random.Next(3) != 0 ? [] :
        [
            new SpanEvent(start, Messages[_random.Next(Messages.Length)], [new SpanAttribute("user", Value("user"))], 0),
        ],
        Links = _random.Next(8) != 0 ? [] :
            [new SpanLink(new TraceId(1, 2), new SpanId(3), "", [new SpanAttribute("link.why", AttributeValue.Of("batch"))], 0, 0)],
        RemoteEndpoint = _random.Next(5) != 0 ? null : new Endpoint(_random.Next(2) == 0 ? "mySQL" : "", null, null, 80),
        Marks = id % 7 == 6 ? SpanMarks.NoStart : SpanMarks.None,
        Protocol = protocol,
    };

    private AttributeValue Value(string key) => key switch
    {
        "http.status_code" => _random.Next(5) switch
        {
            0 => AttributeValue.Of(200.0 + _random.Next(4)),
            1 => AttributeValue.Of((200 + _random.Next(4)).ToString(CultureInfo.InvariantCulture)),
            2 => AttributeValue.Of(_random.Next(2) == 0 ? "-0" : "0200"),
            _ => AttributeValue.Of((long)(200 + _random.Next(4))),
        },
        "error" => _random.Next(4) switch
        {
            0 => AttributeValue.Of(true),
            1 => AttributeValue.Of(false),
            2 => AttributeValue.Of("false"),
            _ => AttributeValue.Of("failed"),
        },
        "user" => AttributeValue.Of("u" + _random.Next(50)),
        "db" => _random.Next(2) == 0 ? AttributeValue.Of(0.5 + _random.Next(3)) : AttributeValue.Of([1, 2, (byte)_random.Next(3)]),
        "peer.service" => AttributeValue.Of(_random.Next(2) == 0 ? "Cart" : "mysql"),
        "nested" => AttributeValue.Of([AttributeValue.Of("é"), AttributeValue.Of((long)_random.Next(3))]),
        _ => default,
    };

    private long Duration() => _random.Next(5) switch
    {
        0 => 0,
        1 => -5_000,
        2 => _random.NextInt64(10_000),
        3 => _random.NextInt64(long.MaxValue),
        _ => _random.NextInt64(1_000_000_000),
    };

    private Resource Resource(string service, int i) => new()
    {
        ServiceName = service,
        Attributes = [new SpanAttribute("service.name", AttributeValue.Of(service)), new SpanAttribute("host", AttributeValue.Of("host" + (i % 3)))],
    };
}
