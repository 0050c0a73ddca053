using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Serverless.Functions.Probing;

/// <summary>Looks for a probe's trace through the public APIs and compares it with what was sent.</summary>
internal sealed class ProbeCheck(ProbeHttp http)
{
    private const int MillisecondsPerMinute = 60_000;
    private const long MicrosecondsPerMillisecond = 1_000;

    /// <summary>By its id, and field by field, in Jaeger's API and in Zipkin's; then by searches.</summary>
    public async Task<(ProbeFinding Finding, string Detail)> VisibleAsync(ProbeTrace trace, CancellationToken cancellation)
    {
        var id = trace.TraceId.ToHex32();
        var jaeger = await ByIdAsync($"/api/traces/{id}?raw=true", ProbeExpectation.Jaeger(trace), ProbeFields.OfJaeger, cancellation);
        if (jaeger.Finding != ProbeFinding.None)
            return jaeger;
        var zipkin = await ByIdAsync($"/api/v2/trace/{id}", ProbeExpectation.Zipkin(trace), ProbeFields.OfZipkin, cancellation);
        if (zipkin.Finding != ProbeFinding.None)
            return zipkin;
        var fromMs = trace.Minute.ToUnixTimeMilliseconds();
        var toMs = fromMs + (2 * MillisecondsPerMinute);
        var service = Uri.EscapeDataString(trace.Front);
        var tags = Uri.EscapeDataString(JsonSerializer.Serialize(new Dictionary<string, string> { [ProbeTrace.IdTag] = trace.Id }));
        var found = await BySearchAsync(
            string.Create(CultureInfo.InvariantCulture, $"/api/traces?service={service}&tags={tags}&start={fromMs * MicrosecondsPerMillisecond}&end={toMs * MicrosecondsPerMillisecond}&limit=5"),
            answer => answer.GetProperty("data").EnumerateArray().Any(t => t.GetProperty("traceID").GetString() == id), cancellation);
        if (found.Finding != ProbeFinding.None)
            return found;
        var annotation = Uri.EscapeDataString($"{ProbeTrace.IdTag}={trace.Id}");
        return await BySearchAsync(
            string.Create(CultureInfo.InvariantCulture, $"/api/v2/traces?serviceName={service}&annotationQuery={annotation}&endTs={toMs}&lookback={toMs - fromMs}&limit=5"),
            answer => answer.EnumerateArray().Any(t => t[0].GetProperty("traceId").GetString() == id), cancellation);
    }

    /// <summary>Its calls among the dependencies of its minute: those from its own service exactly once.</summary>
    public async Task<(ProbeFinding Finding, string Detail)> InDependenciesAsync(ProbeTrace trace, CancellationToken cancellation)
    {
        var endMs = trace.Minute.ToUnixTimeMilliseconds() + MillisecondsPerMinute - 1;
        var answer = await http.GetAsync(
            string.Create(CultureInfo.InvariantCulture, $"/api/dependencies?endTs={endMs}&lookback={MillisecondsPerMinute - 1}"), cancellation);
        if (answer.Json is not { } json)
            return (answer.Finding, answer.Error);
        return Read(ProbeFinding.NotInDependencies, () =>
        {
            var first = Calls(json, trace.Front, ProbeTrace.Cart);
            if (first != 1)
                return (ProbeFinding.NotInDependencies, $"{trace.Front} called {ProbeTrace.Cart} once; the dependencies say {first} times");
            return Calls(json, ProbeTrace.Cart, ProbeTrace.Stock) > 0
                ? (ProbeFinding.None, "")
                : (ProbeFinding.NotInDependencies, $"{ProbeTrace.Cart} called {ProbeTrace.Stock}; the dependencies do not say so");
        }, "");
    }

    private static long Calls(JsonElement answer, string parent, string child) => answer.GetProperty("data").EnumerateArray()
        .Where(link => link.GetProperty("parent").GetString() == parent && link.GetProperty("child").GetString() == child)
        .Sum(link => link.GetProperty("callCount").GetInt64());

    private async Task<(ProbeFinding Finding, string Detail)> ByIdAsync(
        string path, ProbeFields sent, Func<JsonElement, ProbeFields> read, CancellationToken cancellation)
    {
        var answer = await http.GetAsync(path, cancellation);
        if (answer.Json is not { } json)
            return (answer.Status == HttpStatusCode.NotFound ? ProbeFinding.NotFoundById : answer.Finding, answer.Error);
        var api = path[..path.LastIndexOf('/')];
        return Read(ProbeFinding.WrongContent, () =>
        {
            var found = read(json);
            if (sent.MissingIn(found) is { Count: > 0 } missing)
                return (ProbeFinding.MissingSpans, $"{api}: {missing.Count} of {ProbeTrace.SpanCount} are missing: {string.Join(", ", missing)}");
            return sent.DifferenceTo(found) is { } difference ? (ProbeFinding.WrongContent, $"{api}: {difference}") : (ProbeFinding.None, "");
        }, api + ": ");
    }

    private async Task<(ProbeFinding Finding, string Detail)> BySearchAsync(string path, Func<JsonElement, bool> isThere, CancellationToken cancellation)
    {
        var answer = await http.GetAsync(path, cancellation);
        if (answer.Json is not { } json)
            return (answer.Finding, answer.Error);
        return Read(
            ProbeFinding.NotFoundBySearch, () => isThere(json) ? (ProbeFinding.None, "") : (ProbeFinding.NotFoundBySearch, $"{path}: does not have it"),
            path + ": ");
    }

    private static (ProbeFinding Finding, string Detail) Read(ProbeFinding otherwise, Func<(ProbeFinding, string)> read, string prefix)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException or FormatException)
        {
            return (otherwise, $"{prefix}the answer has another shape: {e.Message}");
        }
    }
}
