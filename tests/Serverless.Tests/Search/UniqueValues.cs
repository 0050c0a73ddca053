using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

/// <summary>Traces of one span each, with many attributes that no other span has.</summary>
internal static class UniqueValues
{
    public static List<List<Span>> Traces(int traces, int valuesOfEach)
    {
        var resource = new Resource { ServiceName = "checkout" };
        return [.. Enumerable.Range(0, traces).Select(t => new List<Span>
        {
            new()
            {
                TraceId = new TraceId(0, IdOf(t)),
                Id = new SpanId(1),
                Name = "pay",
                StartNs = SampleTraces.Begin + (ulong)t,
                DurationNs = 1_000_000,
                Resource = resource,
                Protocol = SpanProtocol.Otlp,
                Attributes = [.. Enumerable.Range(0, valuesOfEach).Select(i =>
                    new SpanAttribute("order", AttributeValue.Of(ValueOf(t, i))))],
            },
        })];
    }

    public static ulong IdOf(int trace) => (ulong)trace + 1;

    public static string ValueOf(int trace, int value) => $"order-{trace}-{value}";

    public static TraceQuery Query(string order) =>
        new() { ServiceName = "checkout", Conditions = [TagCondition.Equal("order", order)] };
}
