using System.Text;
using System.Text.Json;

namespace Serverless.Benchmarks.Load;

/// <summary>The figures of a run; null where something was not measured.</summary>
internal sealed record LoadReport
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required long Spans { get; init; }

    public required double Seconds { get; init; }

    public required int Connections { get; init; }

    public required double BodyBytesPerSpan { get; init; }

    public double SpansPerSecond => Seconds > 0 ? Spans / Seconds : 0;

    public double RequestsPerSecond => SpansPerSecond / SpanRequestTemplate.SpansPerRequest;

    public required LatencySummary? AnswerMilliseconds { get; init; }

    public required IReadOnlyDictionary<int, long> RefusalsByStatus { get; init; }

    public required long ConnectionFailures { get; init; }

    public required long PartialSuccesses { get; init; }

    public required double? CaughtUpSeconds { get; init; }

    public required double? ServerCpuMicrosPerSpan { get; init; }

    public required double? ServerCpuMicrosPerSpanSettled { get; init; }

    public double? ServerCpuMicrosPerSpanFinalizing { get; init; }

    public double? FinalizedSeconds { get; init; }

    public required double ClientCpuMicrosPerSpan { get; init; }

    public required long? ServerResidentBytes { get; init; }

    public required long? ServerPeakResidentBytes { get; init; }

    public required IReadOnlyDictionary<string, double> DiskBytesPerSpan { get; init; }

    public required LatencySummary? VisibleMilliseconds { get; init; }

    public required int ProbesLost { get; init; }

    public LatencySummary? TraceByIdMilliseconds { get; init; }

    public LatencySummary? SearchNewestMilliseconds { get; init; }

    public LatencySummary? SearchTagMilliseconds { get; init; }

    public LatencySummary? SearchUniqueTagMilliseconds { get; init; }

    public long? VerifiedMissingSpans { get; init; }

    public long? VerifiedSurplusSpans { get; init; }

    public required IReadOnlyList<string> Failures { get; init; }

    /// <summary>The report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    /// <summary>The report for people.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Row("spans acknowledged", $"{Spans:N0} in {Seconds:F2} s over {Connections} connections");
        Row("rate", $"{SpansPerSecond:N0} spans/s, {RequestsPerSecond:N0} requests/s");
        Row("request body", $"{BodyBytesPerSpan:F0} bytes per span");
        Row("server CPU", Micros(ServerCpuMicrosPerSpan) + " until all was searchable");
        if (ServerCpuMicrosPerSpanSettled is not null)
            Row("server CPU, settled", Micros(ServerCpuMicrosPerSpanSettled) + " with the work that follows");
        if (ServerCpuMicrosPerSpanFinalizing is not null)
            Row("server CPU, finalizing", $"{Micros(ServerCpuMicrosPerSpanFinalizing)} more until it was idle again, {FinalizedSeconds:F0} s after the last POST; {ServerCpuMicrosPerSpanFinalizing / ServerCpuMicrosPerSpan:F2} of the above");
        Row("client CPU", Micros(ClientCpuMicrosPerSpan) + " (probes and settling included)");
        Row("server memory", ServerPeakResidentBytes is null ? "not measured" : $"{Mega(ServerPeakResidentBytes)} peak, {Mega(ServerResidentBytes)} now");
        foreach (var (folder, bytes) in DiskBytesPerSpan)
            Row($"disk {folder}", $"{bytes:F1} bytes per span");
        Row("answers", Latency(AnswerMilliseconds));
        Row("refused", RefusalsByStatus.Count == 0 ? "none" : string.Join(", ", RefusalsByStatus.Select(pair => $"{pair.Value} x {pair.Key}")));
        Row("broken / partial", $"{ConnectionFailures} / {PartialSuccesses} requests");
        Row("caught up after", CaughtUpSeconds is null ? "never" : $"{CaughtUpSeconds:F2} s");
        Row("POST to visible", Latency(VisibleMilliseconds) + (ProbesLost > 0 ? $", {ProbesLost} never seen" : ""));
        Row("trace by id", Latency(TraceByIdMilliseconds));
        Row("search, newest 20", Latency(SearchNewestMilliseconds));
        Row("search, tag of 1 in 20", Latency(SearchTagMilliseconds));
        Row("search, unique tag", Latency(SearchUniqueTagMilliseconds));
        if (VerifiedMissingSpans is not null)
            Row("verified", $"{VerifiedMissingSpans} spans missing, {VerifiedSurplusSpans} too many");
        foreach (var failure in Failures)
            Row("FAILED", failure);
        return text.ToString();

        void Row(string name, string value) => text.Append("  ").Append(name.PadRight(27)).Append(' ').AppendLine(value);
    }

    private static string Micros(double? value) => value is null ? "not measured" : $"{value:F2} µs per span";

    private static string Mega(long? bytes) => $"{bytes / 1e6:F0} MB";

    private static string Latency(LatencySummary? latency) => latency is null
        ? "not measured"
        : $"p50 {latency.P50:F2}  p90 {latency.P90:F2}  p99 {latency.P99:F2}  max {latency.Max:F2} ms  (n={latency.Count})";
}
