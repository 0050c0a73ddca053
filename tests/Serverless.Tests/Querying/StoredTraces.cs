using System.Globalization;
using System.Text.Json;

namespace Serverless.Tests.Querying;

/// <summary>
/// The app with three traces in it: <see cref="Shop"/> came as Zipkin's with a span shared by client and server, <see cref="Order"/> as
/// OTLP, <see cref="Batch"/> as Zipkin's with a wide id. The shop's is the oldest, a second before the order, which is a second before the batch.
/// </summary>
public sealed class StoredTraces : IAsyncLifetime
{
    public const string Shop = "5af7183fb1d4cf5f";
    public const string Order = "463ac35c9f6413ad48485a3953bb6124";
    public const string Batch = "99aac35c9f6413ad5af7183fb1d4cf60";

    public StoredTraces() => ShopUs = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / 10_000 * 1_000 - 60_000_000;

    public QueryApp App { get; private set; } = null!;

    /// <summary>When the shop's trace began, in microseconds since 1970; whole milliseconds.</summary>
    public long ShopUs { get; }

    public long OrderUs => ShopUs + 1_000_000;

    public long BatchUs => ShopUs + 2_000_000;

    public async ValueTask InitializeAsync()
    {
        App = await QueryApp.StartAsync();
        await App.StoreAsync("/api/v2/spans", ZipkinJson(), Shop, Batch);
        await App.StoreAsync("/v1/traces", OtlpJson(), Order);
        // The search reads other rows than a trace by id does, and names are others again.
        foreach (var service in new[] { "gateway", "details", "checkout", "nightly" })
            await App.UntilAsync($"/api/v2/traces?serviceName={service}", answer => answer.Json.GetArrayLength() > 0);
        await App.UntilAsync("/api/services", answer => answer.Json.GetProperty("total").GetInt32() == 4);
        foreach (var service in new[] { "gateway", "details", "Checkout", "nightly" })
            await App.UntilAsync($"/api/services/{service}/operations", answer => answer.Json.GetProperty("total").GetInt32() > 0);
        await App.UntilAsync("/api/v2/remoteServices?serviceName=details", answer => answer.Json.GetArrayLength() > 0);
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    public string Text(FormattableString path) => path.ToString(CultureInfo.InvariantCulture);

    private string ZipkinJson() => JsonSerializer.Serialize(new object[]
    {
        new
        {
            traceId = Shop, id = "0000000000000001", kind = "CLIENT", name = "GET /cart", timestamp = ShopUs, duration = 50_000,
            localEndpoint = new { serviceName = "gateway" }, remoteEndpoint = new { serviceName = "details" },
            tags = new Dictionary<string, string> { ["http.method"] = "GET" },
        },
        new
        {
            traceId = Shop, id = "0000000000000001", kind = "SERVER", shared = true, name = "cart", timestamp = ShopUs + 1_000, duration = 40_000,
            localEndpoint = new { serviceName = "details", ipv4 = "10.0.0.2", port = 9080 },
        },
        new
        {
            traceId = Shop, parentId = "0000000000000001", id = "0000000000000002", kind = "CLIENT", name = "SELECT", timestamp = ShopUs + 2_000,
            duration = 30_000, localEndpoint = new { serviceName = "details" }, remoteEndpoint = new { serviceName = "MySQL" },
            annotations = new[] { new { timestamp = ShopUs + 3_000, value = "retry" } },
            tags = new Dictionary<string, string> { ["error"] = "timeout", ["sql.table"] = "a=b" },
        },
        new
        {
            traceId = Batch, id = "0000000000000007", name = "reindex", timestamp = BatchUs, duration = 900_000,
            localEndpoint = new { serviceName = "nightly" },
        },
    });

    private string OtlpJson() => JsonSerializer.Serialize(new
    {
        resourceSpans = new[]
        {
            new
            {
                resource = new { attributes = new[] { Attribute("service.name", "Checkout"), Attribute("host.name", "h1") } },
                scopeSpans = new[]
                {
                    new
                    {
                        scope = new { name = "lib", version = "1.2" },
                        spans = new[]
                        {
                            OtlpSpan("00000000000000a1", "", 2, "POST /Order", OrderUs, 200_000, 2),
                            OtlpSpan("00000000000000a2", "00000000000000a1", 1, "charge", OrderUs + 10_000, 5_000, 0),
                        },
                    },
                },
            },
        },
    });

    private static object OtlpSpan(string id, string parent, int kind, string name, long startUs, long durationUs, int status) => new
    {
        traceId = Order, spanId = id, parentSpanId = parent, kind, name,
        startTimeUnixNano = $"{startUs}000", endTimeUnixNano = $"{startUs + durationUs}000",
        attributes = new[] { Attribute("customer", "c 1&2") },
        status = new { code = status, message = status == 2 ? "card refused" : "" },
    };

    private static object Attribute(string key, string value) => new { key, value = new { stringValue = value } };
}
