using System.Security.Cryptography;

namespace Serverless.Browser.Harness;

/// <summary>A span to post.</summary>
internal sealed record MadeTraceSpan(string TraceId, string Id, string? ParentId, string Service, string Name, long Start, long Duration, bool IsError)
{
    /// <summary>
    /// A shop's trace of six spans that ended just now: frontend calls cart (which asks redis twice, once in vain) and checkout, which calls payment.
    /// </summary>
    /// <param name="prefix">Stands before the names of services, so that a test finds only its own.</param>
    public static MadeTraceSpan[] Shop(string prefix)
    {
        var trace = NewTraceId();
        var start = (DateTime.UtcNow.AddSeconds(-1) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return
        [
            new(trace, NewId(1), null, prefix + "frontend", "get /buy", start, 200_000, false),
            new(trace, NewId(2), NewId(1), prefix + "cart", "get cart", start + 10_000, 60_000, false),
            new(trace, NewId(3), NewId(2), prefix + "redis", "hget", start + 15_000, 5_000, false),
            new(trace, NewId(4), NewId(2), prefix + "redis", "hset", start + 30_000, 30_000, true),
            new(trace, NewId(5), NewId(1), prefix + "checkout", "place order", start + 80_000, 110_000, false),
            new(trace, NewId(6), NewId(5), prefix + "payment", "charge", start + 90_000, 95_000, false),
        ];
    }

    /// <summary>A trace of many spans: a root, and below it a tree in which each span has up to four children.</summary>
    public static MadeTraceSpan[] Large(string service, int count)
    {
        var trace = NewTraceId();
        var start = (DateTime.UtcNow.AddSeconds(-30) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return [.. Enumerable.Range(0, count).Select(i => new MadeTraceSpan(
            trace, NewId(i + 1), i == 0 ? null : NewId(((i - 1) / 4) + 1), service, $"step {i}", start + (i * 100), i == 0 ? count * 100L : 50 + (i % 7), false))];
    }

    public object ToZipkin()
    {
        var tags = new Dictionary<string, string> { ["http.method"] = "GET", ["note"] = $"{Name} of {Service}" };
        if (IsError)
            tags["error"] = "timeout";
        return new
        {
            traceId = TraceId, id = Id, parentId = ParentId, name = Name, timestamp = Start, duration = Duration, kind = ParentId is null ? "SERVER" : null,
            localEndpoint = new { serviceName = Service }, annotations = new[] { new { timestamp = Start + 1, value = "begun" } }, tags,
        };
    }

    private static string NewTraceId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static string NewId(int number) => number.ToString("x16");
}
