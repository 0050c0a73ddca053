using Serverless.Tracing.Model;

namespace Serverless.Tests.Assembly;

/// <summary>Random traces in which anything may name anything as its parent.</summary>
internal static class SampleGraphs
{
    private static readonly string[] Services = ["a", "b", "c", ""];
    private static readonly string?[] Hosts = [null, "10.0.0.1", "10.0.0.2"];

    public static List<Span> Make(int seed)
    {
        var random = new Random(seed);
        var count = random.Next(1, 60);
        var ids = random.Next(1, count + 5);
        return [.. Enumerable.Range(0, count).Select(_ => Span(random, ids))];
    }

    private static Span Span(Random random, int ids)
    {
        var marks = random.Next(12) switch { 0 => SpanMarks.NoStart, 1 => SpanMarks.Truncated, _ => SpanMarks.None };
        var trace = random.Next(20) switch { 0 => new TraceId(0, SampleSpan.Trace.Low), 1 => new TraceId(3, 9), _ => SampleSpan.Trace };
        return SampleSpan.Of(
            (ulong)random.Next(1, ids + 1), (ulong)random.Next(0, ids + 3), Services[random.Next(Services.Length)], (SpanKind)random.Next(6),
            random.Next(0, 200), random.Next(10) == 0 ? null : random.Next(-5, 120), Hosts[random.Next(Hosts.Length)], random.Next(6) == 0,
            random.Next(5) == 0, trace: trace, marks: marks,
            links: random.Next(8) == 0 ? [SampleSpan.Reference((ulong)random.Next(1, ids + 1), random.Next(2) == 0 ? "follows_from" : "child_of")] : null);
    }
}
