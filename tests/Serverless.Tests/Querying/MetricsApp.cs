using System.Globalization;
using System.Text.Json.Nodes;

namespace Serverless.Tests.Querying;

/// <summary>
/// An app with ten traces of a web service that calls another, which calls a database, all in the minute before <see cref="EndMs"/> or in
/// it; and one whose root did not come.
/// </summary>
public sealed class MetricsApp : IAsyncLifetime
{
    public const string Broken = "a00000000000000000000000000000bb";

    public MetricsApp()
    {
        var now = DateTimeOffset.UtcNow;
        EndMs = now.ToUnixTimeMilliseconds() / 60_000 * 60_000;
    }

    public QueryApp App { get; private set; } = null!;

    /// <summary>A full minute of now, in milliseconds since 1970: in it everything begins.</summary>
    public long EndMs { get; }

    public async ValueTask InitializeAsync()
    {
        App = await QueryApp.StartAsync("--Tracing:QuietSeconds", "600");
        var spans = new JsonArray();
        for (var i = 1; i <= 10; i++)
        {
            var trace = i.ToString("x32", CultureInfo.InvariantCulture);
            spans.Add(Span(trace, 1, 0, 2, "web", i % 2 == 0 ? "GET /cart" : "GET /home", i * 1_000, isError: i > 8));
            spans.Add(Span(trace, 2, 1, 3, "web", "call", i * 900));
            spans.Add(Span(trace, 3, 2, 2, "app", "handle", i * 800));
            spans.Add(Span(trace, 4, 3, 3, "app", "select", i * 100, "db"));
        }

        spans.Add(Span(Broken, 12, 11, 3, "job", "work", 50, "queue"));
        var body = new JsonObject { ["resourceSpans"] = spans };
        await App.StoreAsync("/v1/traces", body.ToJsonString(), Broken, 10.ToString("x32", CultureInfo.InvariantCulture));
        await App.UntilAsync("/api/dependencies", answer => answer.Json.GetProperty("data").GetArrayLength() == 3
            && answer.Json.GetProperty("data")[0].GetProperty("callCount").GetInt32() == 10);
        await App.UntilAsync("/api/traces?service=job", answer => answer.Json.GetProperty("data").GetArrayLength() == 1);
        await App.UntilAsync("/api/traces?service=web", answer => answer.Json.GetProperty("data").GetArrayLength() == 10);
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    private JsonObject Span(string trace, int id, int parent, int kind, string service, string name, long tookUs, string? peer = null, bool isError = false)
    {
        var startNs = (EndMs * 1_000_000) + (id * 1_000);
        var span = new JsonObject
        {
            ["traceId"] = trace,
            ["spanId"] = id.ToString("x16", CultureInfo.InvariantCulture),
            ["parentSpanId"] = parent == 0 ? "" : parent.ToString("x16", CultureInfo.InvariantCulture),
            ["kind"] = kind,
            ["name"] = name,
            ["startTimeUnixNano"] = startNs.ToString(CultureInfo.InvariantCulture),
            ["endTimeUnixNano"] = (startNs + (tookUs * 1_000)).ToString(CultureInfo.InvariantCulture),
            ["status"] = new JsonObject { ["code"] = isError ? 2 : 0 },
        };
        if (peer is not null)
            span["attributes"] = new JsonArray(Attribute("peer.service", peer));
        return new JsonObject
        {
            ["resource"] = new JsonObject { ["attributes"] = new JsonArray(Attribute("service.name", service)) },
            ["scopeSpans"] = new JsonArray(new JsonObject { ["spans"] = new JsonArray(span) }),
        };
    }

    private static JsonObject Attribute(string key, string value) => new() { ["key"] = key, ["value"] = new JsonObject { ["stringValue"] = value } };
}
