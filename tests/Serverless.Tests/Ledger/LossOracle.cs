using System.Net;
using System.Net.Sockets;
using System.Text;
using Serverless.Functions.Buffering;
using Serverless.Local;
using Serverless.Tests.Alerting.Scenarios;
using Serverless.Tests.Ingest;
using Serverless.Tests.Local.Functions;
using Serverless.Tests.Scenarios;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Ledger;

/// <summary>
/// Sends spans, has things go wrong with them on purpose, and knows of each span what became of it; in the end the ledger must say the same, by protocol,
/// service, sender, stage and reason, neither more nor less.
/// </summary>
internal sealed class LossOracle(ScenarioApp app, int seed)
{
    public const int MaxBodyBytes = 60_000;
    public const int MaxDecodedBytes = 100_000;
    public const string Agent = "scenario/1.0";

    private const string Json = "application/json";
    private const int MostSpans = 9;
    private const int CrcAt = 16;

    private static readonly TimeSpan HeldByHub = TimeSpan.FromSeconds(5);

    // Of these the ledger counts more than spans.
    private static readonly string[] NotCompared = ["requests", "refused_bytes", "samples_dropped", "frame_bytes", "replayed"];

    private static readonly Dictionary<string, Func<LossOracle, Task>> Faults = new()
    {
        ["lost answers of the hub"] = o => o.WithFaultAsync(new Fault("hub.send", FaultKind.LoseAnswer, Count: 1, Target: SpanHub.Name), isResent: true),
        ["a hub that fails for a moment"] = o => o.WithFaultAsync(new Fault("hub.send", FaultKind.Fail, Count: 3, Target: SpanHub.Name)),
        ["a hub that throttles for a moment"] = o => o.WithFaultAsync(new Fault("hub.send", FaultKind.Throttle, Count: 2, Target: SpanHub.Name)),
        ["a hub that takes nothing"] = o => o.UnavailableAsync(),
        ["more than may wait for the hub"] = o => o.OverloadedAsync(),
        ["reads of the hub that fail"] = o => o.WithFaultAsync(new Fault("hub.receive", FaultKind.Fail, Count: 4)),
        ["batches delivered again"] = o => o.WithFaultAsync(new Fault("hub.checkpoint", FaultKind.Redeliver, Count: 3)),
        ["tables that fail"] = o => o.WithFaultAsync(new Fault("table.*", FaultKind.Fail, Count: 6)),
        ["tables that throttle"] = o => o.WithFaultAsync(new Fault("table.*", FaultKind.Throttle, Count: 6)),
        ["lost answers of the tables"] = o => o.WithFaultAsync(new Fault("table.*", FaultKind.LoseAnswer, Count: 6)),
        ["a restart"] = o => o.RestartAsync(0),
        ["a replay that is cut differently"] = o => o.RestartAsync(4),
        ["a replay of long ago"] = o => o.ReplayLongAgoAsync(),
        ["poisoned events"] = o => o.PoisonAsync(),
        ["invalid spans"] = o => o.InvalidAsync(),
        ["bodies that are refused"] = o => o.RefusedAsync(),
        ["spans that are cut"] = o => o.TruncatedAsync(),
    };

    private readonly Random _random = new(seed);
    private readonly SortedDictionary<string, long> _expected = new(StringComparer.Ordinal);

    public static IEnumerable<string> FaultNames => Faults.Keys;

    /// <summary>Has a fault happen.</summary>
    public Task RunAsync(string fault) => Faults[fault](this);

    /// <summary>Sends spans by every protocol with which nothing is wrong.</summary>
    public async Task OrdinaryAsync()
    {
        var (go, java, zipkin, jaeger) = (Spans(), Spans(), Spans(), Spans());
        // As a collector does, those of several senders together.
        await TakenAsync("/v1/traces", Json, Traffic.Otlp([.. Calls("cart", go).Select(call => ("go", call)), .. Calls("shop", java).Select(call => ("java", call))]));
        Stored("otlp cart opentelemetry/go/1.0", go);
        Stored("otlp shop opentelemetry/java/1.0", java);
        await TakenAsync("/api/v2/spans", Json, Traffic.Zipkin(Calls("warehouse", zipkin)));
        Stored("zipkin warehouse ", zipkin);
        await TakenAsync("/api/traces?format=jaeger.thrift", "application/x-thrift", Traffic.Jaeger("biller", Calls("biller", jaeger)));
        Stored("jaeger biller jaeger/Go-2.30.0", jaeger);
        await app.AssembledAsync();
    }

    /// <summary>The ledger says what happened, and that nothing else did; all is finalized.</summary>
    public async Task AssertAsync()
    {
        await app.PassAsync(TimeSpan.FromMinutes(6));
        var start = Uri.EscapeDataString(app.Now.AddHours(-3).ToString("O"));
        var rows = (await app.LedgerAsync($"groupBy=protocol,service,sender,stage,reason&start={start}")).Select(row => (Key: row[..row.LastIndexOf(' ')], Count: row[(row.LastIndexOf(' ') + 1)..]))
            .Select(row => (row.Key, Stage: row.Key.Split(' ')[^2], row.Count)).ToList();
        var replayed = rows.Where(row => row.Stage == "replayed").ToDictionary(row => row.Key.Replace(" replayed ", "", StringComparison.Ordinal), row => long.Parse(row.Count, null));

        // What a replay brought again is folded when its traces are looked at again, which may never be; whose it was is not known of a late one.
        foreach (var (key, _, count) in rows.Where(row => row.Stage == "deduped" && replayed.Count > 0))
        {
            var told = long.Parse(count, null);
            Assert.InRange(told - _expected.GetValueOrDefault(key), 0, replayed.GetValueOrDefault(key[..^" deduped ".Length]) + replayed.GetValueOrDefault("  "));
            _expected[key] = told;
        }

        Assert.Equal(
            string.Join('\n', _expected.Where(count => count.Value != 0).Select(count => $"{count.Key}: {count.Value}")),
            string.Join('\n', rows.Where(row => !NotCompared.Contains(row.Stage)).OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => $"{row.Key}: {row.Count}")));

        var conservation = await app.ConservationAsync();
        Assert.True(conservation.GetProperty("conserved").GetBoolean(), conservation.ToString());
        Assert.Empty(conservation.GetProperty("holes").EnumerateArray());
        foreach (var minute in conservation.GetProperty("minutes").EnumerateArray())
        {
            Assert.True(minute.GetProperty("settled").GetBoolean(), minute.ToString());
            Assert.Equal(0, minute.GetProperty("remainder").GetInt64());
            Assert.Equal(
                Sum(minute, "accepted", "resent", "replayed"), Sum(minute, "finalized", "deduped", "quarantined", "discarded", "inFlight"));
        }

        static long Sum(System.Text.Json.JsonElement minute, params string[] names) => names.Sum(name => minute.GetProperty(name).GetInt64());
    }

    private async Task WithFaultAsync(Fault fault, bool isResent = false)
    {
        var struck = app.Break(fault);
        var spans = Spans();
        // Of one trace, and so in one event.
        await TakenAsync("/v1/traces", Json, Traffic.Otlp(Calls("struck", spans).Select(call => ("java", call))));
        await app.AssembledAsync();
        await struck();
        app.Faults.Clear();
        Stored("otlp struck opentelemetry/java/1.0", spans);
        if (!isResent)
            return;
        Expect("otlp struck opentelemetry/java/1.0 resent ", spans);
        Expect("otlp struck opentelemetry/java/1.0 stored ", spans);
        Expect("otlp struck opentelemetry/java/1.0 deduped ", spans);
    }

    private async Task UnavailableAsync()
    {
        app.Faults.Add(new Fault("hub.send", FaultKind.Fail, Target: SpanHub.Name));
        var (go, java) = (Spans(), Spans());
        var answer = app.WhileTimePassesAsync(PostAsync("/v1/traces", Json, Traffic.Otlp([.. Calls("away", go).Select(call => ("go", call)), .. Calls("gone", java).Select(call => ("java", call))])));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await answer);
        app.Faults.Clear();
        Expect("otlp away opentelemetry/go/1.0 refused unavailable", go);
        Expect("otlp gone opentelemetry/java/1.0 refused unavailable", java);
        Expect($"otlp  {Agent} refused_requests unavailable", 1);
        // What stands is sent when the hub is asked again.
        app.Skip(TimeSpan.FromSeconds(10));
        await app.AssembledAsync();
    }

    private async Task OverloadedAsync()
    {
        var held = app.Break(new Fault("hub.send", FaultKind.Delay, Count: 1, Delay: HeldByHub, Target: SpanHub.Name));
        var (first, go, java) = (Spans(), Spans(), Spans());
        var slow = PostAsync("/v1/traces", Json, Traffic.Otlp(Calls("early", first).Select(call => ("go", call))));
        await held();
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            await PostAsync("/v1/traces", Json, Traffic.Otlp([.. Calls("late", go).Select(call => ("go", call)), .. Calls("later", java).Select(call => ("java", call))])));
        app.Skip(HeldByHub);
        Assert.Equal(HttpStatusCode.OK, await slow);
        app.Faults.Clear();
        Stored("otlp early opentelemetry/go/1.0", first);
        Expect("otlp late opentelemetry/go/1.0 refused overloaded", go);
        Expect("otlp later opentelemetry/java/1.0 refused overloaded", java);
        Expect($"otlp  {Agent} refused_requests overloaded", 1);
        await app.AssembledAsync();
    }

    private async Task RestartAsync(int behind)
    {
        await OrdinaryAsync();
        await app.RestartBehindAsync(behind);
        await app.AssembledAsync();
    }

    /// <summary>Checkpoints could not be written for longer than the ledger looks back.</summary>
    private async Task ReplayLongAgoAsync()
    {
        for (var minute = 0; minute < 6; minute++)
        {
            await OrdinaryAsync();
            await app.PassAsync(TimeSpan.FromMinutes(1));
        }

        await app.RestartBehindAsync(events: 10);
        await app.AssembledAsync();
        await OrdinaryAsync();
    }

    private async Task PoisonAsync()
    {
        var spans = Spans();
        // Damaged behind its head, which says how many spans there were; whose they were nobody can know.
        var damaged = LedgerStore.Event("poisoned", spans, id: Traffic.NextId());
        damaged[CrcAt] ^= 0x55;
        await SpanLossRuleTests.PoisonAsync(app, damaged);
        await SpanLossRuleTests.PoisonAsync(app, Encoding.UTF8.GetBytes("nonsense"));
        Expect("   accepted ", spans);
        Expect("   quarantined ", spans);
        await app.AssembledAsync();
    }

    private async Task InvalidAsync()
    {
        var (good, bad, worse) = (Spans(), Spans(), Spans());
        await TakenAsync("/v1/traces", Json, Traffic.Otlp(
        [
            .. Calls("half", good).Select(call => ("go", call)), .. Calls("half", bad).Select(call => ("go", call with { Id = 0 })),
            .. Calls("wrong", worse).Select(call => ("java", call with { Id = 0 })),
        ]));
        Stored("otlp half opentelemetry/go/1.0", good);
        Expect("otlp half opentelemetry/go/1.0 refused invalid_span", bad);
        Expect("otlp wrong opentelemetry/java/1.0 refused invalid_span", worse);
        await TakenAsync("/api/traces?format=jaeger.thrift", "application/x-thrift", Traffic.Jaeger("biller", [.. Calls("biller", good), .. Calls("biller", bad).Select(call => call with { Id = 0 })]));
        Stored("jaeger biller jaeger/Go-2.30.0", good);
        // Of a batch in which nothing is valid the sender is told.
        Assert.Equal(
            HttpStatusCode.BadRequest,
            await PostAsync("/api/traces?format=jaeger.thrift", "application/x-thrift", Traffic.Jaeger("biller", Calls("biller", worse).Select(call => call with { Id = 0 }))));
        Expect("jaeger biller jaeger/Go-2.30.0 refused invalid_span", bad + worse);
        await app.AssembledAsync();
    }

    private async Task RefusedAsync()
    {
        await RefusedAsync("otlp", "malformed", HttpStatusCode.BadRequest, "/v1/traces", Json, "{\"resourceSpans\":["u8.ToArray());
        await RefusedAsync("zipkin", "malformed", HttpStatusCode.BadRequest, "/api/v2/spans", Json, "[{}]"u8.ToArray());
        await RefusedAsync("jaeger", "malformed", HttpStatusCode.BadRequest, "/api/traces?format=jaeger.thrift", "application/x-thrift", [9, 9, 9]);
        await RefusedAsync("otlp", "unsupported_type", HttpStatusCode.UnsupportedMediaType, "/v1/traces", "text/csv", [1]);
        await RefusedAsync("otlp", "encoding", HttpStatusCode.UnsupportedMediaType, "/v1/traces", Json, [1], "zstd");
        await RefusedAsync("zipkin", "encoding", HttpStatusCode.BadRequest, "/api/v2/spans", Json, [1, 2, 3], "gzip");
        await RefusedAsync("zipkin", "too_large", HttpStatusCode.RequestEntityTooLarge, "/api/v2/spans", Json, new byte[MaxBodyBytes + 1]);
        await RefusedAsync("otlp", "too_large", HttpStatusCode.RequestEntityTooLarge, "/v1/traces", Json, IngestClient.Compress(new byte[MaxDecodedBytes + 1], "gzip"), "gzip");
        await BrokenOffAsync();
        await app.AssembledAsync();
    }

    private async Task RefusedAsync(string protocol, string reason, HttpStatusCode status, string path, string type, byte[] body, string? encoding = null)
    {
        Assert.Equal(status, await PostAsync(path, type, body, encoding));
        Expect($"{protocol}  {Agent} refused_requests {reason}", 1);
    }

    /// <summary>A sender that is gone before its body is there gets no answer: its refusal is waited for in the ledger.</summary>
    private async Task BrokenOffAsync()
    {
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(app.App.Client.BaseAddress!.Host, app.App.Client.BaseAddress.Port, CancellationToken.None);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /api/v2/spans HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {Agent}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n["), CancellationToken.None);
        }

        Expect($"zipkin  {Agent} refused_requests incomplete", 1);
        var path = $"/api/ledger?stage=refused_requests&reason=incomplete&start={Uri.EscapeDataString(app.Now.AddHours(-3).ToString("O"))}&end={Uri.EscapeDataString(app.Now.AddMinutes(2).ToString("O"))}";
        await app.App.UntilAsync(path, answer => answer.Status == HttpStatusCode.OK
            && answer.Json.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("count").GetInt64()) == _expected[$"zipkin  {Agent} refused_requests incomplete"]);
    }

    private async Task TruncatedAsync()
    {
        var spans = Spans();
        var name = new string('n', 5_000);
        var body = Encoding.UTF8.GetString(Traffic.Otlp(Calls("wordy", spans).Select(call => ("java", call)))).Replace("\"name\":\"call\"", $"\"name\":\"{name}\"", StringComparison.Ordinal);
        await TakenAsync("/v1/traces", Json, Encoding.UTF8.GetBytes(body));
        Stored("otlp wordy opentelemetry/java/1.0", spans);
        Expect("otlp wordy opentelemetry/java/1.0 truncated name", spans);
        await app.AssembledAsync();
    }

    private int Spans() => _random.Next(1, MostSpans);

    /// <summary>So many spans of a trace of their own.</summary>
    private IEnumerable<Traffic.Call> Calls(string service, int count)
    {
        var (trace, root) = (Traffic.NextId(), Traffic.NextId());
        return [.. Enumerable.Range(0, count).Select(i => new Traffic.Call(
            service, trace, i == 0 ? root : Traffic.NextId(), i == 0 ? 0 : root, SpanKind.Server, app.Now.AddSeconds(-1).AddMilliseconds(i), 10))];
    }

    private void Stored(string source, int spans)
    {
        foreach (var stage in (string[])["accepted", "stored", "finalized", "exported"])
            Expect($"{source} {stage} ", spans);
    }

    private void Expect(string key, long spans) => _expected[key] = _expected.GetValueOrDefault(key) + spans;

    private SpanPublisher Publisher => (SpanPublisher)app.App.Services.GetService(typeof(SpanPublisher))!;

    private async Task TakenAsync(string path, string type, byte[] body)
    {
        // There is room for one request's spans alone.
        await Poll.UntilAsync(() => Publisher.PendingBytes == 0, "room for more spans");
        var status = await PostAsync(path, type, body);
        Assert.True((int)status is >= 200 and < 300, $"{path}: {status}");
    }

    private async Task<HttpStatusCode> PostAsync(string path, string type, byte[] body, string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Headers.Add("User-Agent", Agent);
        // So that what is too large is refused before it is sent.
        request.Headers.ExpectContinue = body.Length > MaxBodyBytes;
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var answer = await app.App.Client.SendAsync(request, CancellationToken.None);
        return answer.StatusCode;
    }
}
