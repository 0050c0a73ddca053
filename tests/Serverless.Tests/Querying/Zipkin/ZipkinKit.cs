using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Serverless.Functions.Buffering;
using Serverless.Tests.Protocols.Zipkin;

namespace Serverless.Tests.Querying.Zipkin;

/// <summary>
/// The app as Zipkin's storage kit uses a store. Tests that share it have names, ids and a stretch of time of their own each.
/// </summary>
public class ZipkinKit : IAsyncLifetime
{
    private static readonly TimeSpan Stretch = TimeSpan.FromMinutes(2);

    private readonly DateTimeOffset _start = DateTimeOffset.UtcNow - TimeSpan.FromHours(20);
    private long _ids = Random.Shared.NextInt64() & 0x0FFF_FFFF_FFFF_0000;
    private int _tests;
    private int _markers;
    private int _posts;

    public QueryApp App { get; private set; } = null!;

    /// <summary>What the app is started with.</summary>
    internal string[] Settings { get; init; } = [];

    public async ValueTask InitializeAsync() => App = await QueryApp.StartAsync(Settings);

    public ValueTask DisposeAsync() => App.DisposeAsync();

    /// <summary>A stretch of time for a test: its milliseconds since 1970, all within the last day.</summary>
    internal long NewStretch() => (_start + (Interlocked.Increment(ref _tests) * Stretch)).ToUnixTimeMilliseconds();

    /// <summary>A trace id of 128 bits.</summary>
    internal string NewTraceId()
    {
        var low = Interlocked.Increment(ref _ids);
        return string.Create(CultureInfo.InvariantCulture, $"{0x7180c278b62e8f6aUL ^ (ulong)low:x16}{low:x16}");
    }

    /// <summary>Sends spans, as one of the formats that can say all of v2, and waits until they are stored, findable and their names known.</summary>
    internal Task AcceptAsync(params KitSpan[] spans) =>
        AcceptAsync(Interlocked.Increment(ref _posts) % 2 == 0 ? KitFormat.JsonV2 : KitFormat.Proto3, spans);

    internal async Task AcceptAsync(KitFormat format, params KitSpan[] spans)
    {
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(format, spans));
        // What follows in the same partition of the hub is assembled later or in one batch with it, whose remote services are written behind
        // all that searches need.
        var service = $"marker-{Interlocked.Increment(ref _markers)}";
        KitSpan[] markers =
        [
            .. spans.Select(span => Shards.Of(Low(span.TraceId))).Distinct()
                .Select(shard => new KitSpan(MarkerOf(shard), "1") { Local = new KitEndpoint(service), Remote = new KitEndpoint("shard-" + shard) }),
        ];
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(KitFormat.JsonV2, markers));
        if (Settings.Contains("--Tracing:SearchEnabled"))
        {
            foreach (var marker in markers)
                await App.UntilAsync("/api/v2/trace/" + marker.TraceId, answer => answer.Status == HttpStatusCode.OK);
        }
        else
        {
            await App.UntilAsync("/api/v2/remoteServices?serviceName=" + service, answer => answer.Json.GetArrayLength() == markers.Length);
        }
    }

    private string MarkerOf(int shard)
    {
        var low = (ulong)Interlocked.Increment(ref _ids);
        while (Shards.Of(low) != shard)
            low += 1UL << 45;
        return low.ToString("x16", CultureInfo.InvariantCulture);
    }

    internal async Task<HttpStatusCode> PostAsync(KitFormat format, IReadOnlyList<KitSpan> spans)
    {
        var (path, type, body) = format switch
        {
            KitFormat.JsonV2 => ("/api/v2/spans", "application/json", Encoding.UTF8.GetBytes(KitSpan.V2(spans))),
            KitFormat.Proto3 => ("/api/v2/spans", "application/x-protobuf", ZipkinFormats.Proto3(KitSpan.V2(spans))),
            KitFormat.JsonV1 => ("/api/v1/spans", "application/json", Encoding.UTF8.GetBytes(KitSpan.V1(spans))),
            _ => ("/api/v1/spans", "application/x-thrift", ZipkinFormats.Thrift(KitSpan.V1(spans))),
        };
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await App.Client.PostAsync(path, content, CancellationToken.None);
        return response.StatusCode;
    }

    /// <summary>The traces that a search finds, whatever their order, are these.</summary>
    internal async Task AssertFindsAsync(string query, params KitSpan[][] traces) =>
        Assert.Equal(Lines(traces), Lines(await App.GetAsync("/api/v2/traces?" + query)));

    /// <summary>A trace by its id is these spans, whatever their order; no spans for an answer of 404.</summary>
    internal async Task AssertTraceAsync(string id, params KitSpan[] spans)
    {
        var answer = await App.GetAsync("/api/v2/trace/" + id);
        if (spans.Length == 0)
            Assert.Equal((HttpStatusCode.NotFound, id + " not found"), (answer.Status, answer.Text));
        else
            Assert.Equal(Line(spans), Line(answer.Json.EnumerateArray().Select(span => span.GetRawText())));
    }

    /// <summary>A list of names is exactly these; tags are written last, and waited for.</summary>
    internal async Task AssertNamesAsync(string path, params string[] names)
    {
        var answer = names.Length == 0 ? await App.GetAsync(path) : await App.UntilAsync(path, answer => answer.Json.GetArrayLength() >= names.Length);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(names, answer.Json.EnumerateArray().Select(name => name.GetString()!));
    }

    internal static IEnumerable<string> Lines(KitSpan[][] traces) => traces.Select(Line).Order(StringComparer.Ordinal);

    internal static IEnumerable<string> Lines(QueryAnswer answer)
    {
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status} {answer.Text}");
        return answer.Json.EnumerateArray()
            .Select(trace => Line(trace.EnumerateArray().Select(span => span.GetRawText()))).Order(StringComparer.Ordinal);
    }

    private static string Line(KitSpan[] spans) => Line(spans.Select(span => span.ToString()));

    private static string Line(IEnumerable<string> spans) => string.Join('\n', spans.Order(StringComparer.Ordinal));

    private static ulong Low(string traceId) =>
        ulong.Parse(traceId.Length > 16 ? traceId[^16..] : traceId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
