using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Jaeger;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Finds traces and makes of them what Jaeger's APIs show.</summary>
public sealed class JaegerTraces(TraceSearch search, TracingSettings settings)
{
    // Jaeger's page gives up after 10 seconds, and then shows nothing of what was found.
    private static readonly TimeSpan MostPageTime = TimeSpan.FromSeconds(8);

    /// <summary>Finds traces as <see cref="TraceSearch"/>, also by the names that stand for a service without one.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public async Task<SearchResult> FindAsync(TraceQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        var found = await search.FindAsync(query, cancellation);
        return found.Traces.Count == 0 && IsNameless(query) ? await search.FindAsync(query with { ServiceName = "" }, cancellation) : found;
    }

    /// <summary>Finds traces likewise and sums each up as API v3 gives it: nothing else is held of them.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    internal async Task<(IReadOnlyList<byte[]> Summaries, bool IsComplete)> FindSummariesAsync(TraceQuery query, CancellationToken cancellation)
    {
        var found = await search.FindAsync(query, SumUp, MostPageTime, cancellation);
        return found.Kept.Count == 0 && IsNameless(query)
            ? await search.FindAsync(query with { ServiceName = "" }, SumUp, MostPageTime, cancellation)
            : found;
    }

    /// <summary>Assembles a trace, its clocks set to each other as the view and the settings say.</summary>
    internal AssembledTrace Assemble(ReadTrace trace, JaegerView view) => trace.Assemble(OptionsOf(view));

    /// <summary>The spans to show, and what to tell about each and about all of them.</summary>
    internal ShownTrace Show(ReadTrace trace, JaegerView view, string? widthWarning = null)
    {
        if (view.IsRaw)
            return new ShownTrace(trace.Spans, _ => null, []);
        var adjusted = AdjustedTrace.Of(Assemble(trace, view));
        return new ShownTrace(
            adjusted.Spans, adjusted.WarningsOf,
            (widthWarning ?? StrictTraceId.Warning(trace.Spans, isStrict: false)) is { } warning ? [.. adjusted.Warnings, warning] : adjusted.Warnings);
    }

    /// <summary>The same of a large trace, whose spans are read while they are written.</summary>
    /// <exception cref="Tracing.Frames.FrameFormatException">What is stored is damaged.</exception>
    internal LargeJaegerTrace Show(TraceStream large, JaegerView view) =>
        view.IsRaw ? LargeJaegerTrace.Raw(large)
        : large.Assemble(OptionsOf(view)) is { } outline ? LargeJaegerTrace.Adjusted(large, outline)
        : LargeJaegerTrace.NotAdjusted(large);

    private AssemblyOptions OptionsOf(JaegerView view) => new()
    {
        AdjustsClockSkew = view.AdjustsClocks && settings.MaxClockSkewSeconds is null or > 0,
        MaximumClockSkew = settings.MaxClockSkewSeconds is { } most ? TimeSpan.FromSeconds(most) : null,
    };

    private byte[] SumUp(ReadTrace trace)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            JaegerSummaryWriter.Write(json, Assemble(trace, JaegerView.Adjusted));
        return bytes.WrittenSpan.ToArray();
    }

    private static bool IsNameless(TraceQuery query) =>
        query.ServiceName is JaegerJsonWriter.NoOtlpServiceName or JaegerJsonWriter.UnknownServiceName;

    /// <summary>A trace as it is shown.</summary>
    /// <param name="Spans">The spans.</param>
    /// <param name="WarningsOf">What a person should know about a span, or null.</param>
    /// <param name="Warnings">What a person should know about the trace.</param>
    internal readonly record struct ShownTrace(
        IReadOnlyList<Span> Spans, Func<Span, IReadOnlyList<string>?> WarningsOf, IReadOnlyList<string> Warnings);
}
