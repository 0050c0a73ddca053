using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Probing;
using Serverless.Functions.Probing.Requests;
using Serverless.Functions.Querying.Jaeger;
using Serverless.Functions.Querying.Zipkin;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Functions.Querying;

/// <summary>
/// Has the code compiled that answers traces, by answering one to nobody: else the first who asks a new process for a large trace waits half a
/// second for its first byte. Nothing is read or stored.
/// </summary>
internal sealed class QueryWarmUp(JaegerTraces jaeger, TracingSettings settings, TimeProvider clock, ILogger<QueryWarmUp> logger) : BackgroundService
{
    // The first spans and the first page come first.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1.5);

    // The runtime compiles code anew, and well, once it has run 30 times and nothing new was compiled for 100 ms.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);
    private const int Rounds = 3;
    private const int RunsPerRound = 32;

    // Code is compiled once for a process, however many hosts it has.
    private static int _isBegun;

    /// <summary>Answers until the code is compiled well.</summary>
    internal async Task WarmUpAsync(CancellationToken cancellation)
    {
        var trace = ProbeTrace.Of(DateTimeOffset.UnixEpoch, ProbeProtocol.OtlpProtobuf);
        ReadOnlyMemory<byte>[] rows = [Row(trace)];
        for (var round = 0; round < Rounds; round++)
        {
            for (var run = 0; run < RunsPerRound; run++)
                await AnswerAsync(trace.TraceId, rows);
            await Task.Delay(Pause, clock, cancellation);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Interlocked.Exchange(ref _isBegun, 1) != 0)
            return;
        try
        {
            await Task.Delay(Wait, clock, stoppingToken);
            await WarmUpAsync(stoppingToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A host whose background work fails is stopped; nothing depends on this.
            logger.LogWarning(e, "The code that answers queries could not be warmed up; the first answers take longer. {Reason}", e.Message);
        }
    }

    /// <summary>Answers a trace in Jaeger's and Zipkin's form, as a small one and as a large one.</summary>
    private async Task AnswerAsync(TraceId id, ReadOnlyMemory<byte>[] rows)
    {
        var spans = new List<Span>();
        SpanDecoder.Decode(rows[0], id.Low, spans);
        var stored = new StoredTrace(id.Low, [new StoredReports(default, DateTimeOffset.UnixEpoch, spans)], null);
        var whole = stored.Read(id, strict: true, TimeSpan.FromSeconds(settings.QuietSeconds));
        await SendAsync(JaegerAnswers.Traces([jaeger.Show(whole, JaegerView.Adjusted)], [], isPretty: false));

        var limit = (TimeSpan.FromSeconds(settings.LargeTraceSeconds), clock);
        using (var small = new TraceStream(whole, isCut: false, widthWarning: null))
            await SendAsync(ZipkinAnswers.Trace(small, limit));
        using (var large = Large(id, rows))
            await SendAsync(JaegerAnswers.Large(jaeger.Show(large, JaegerView.Adjusted), isPretty: false, limit));
        using (var large = Large(id, rows))
            await SendAsync(ZipkinAnswers.Trace(large, limit));
    }

    // Whoever answers it has a place; this one is nobody's.
    private static TraceStream Large(TraceId id, ReadOnlyMemory<byte>[] rows) => new(
        new LargeTrace(SpanSequence.Open(rows, id.Low, id, int.MaxValue, int.MaxValue), null, [.. rows.Select(_ => DateTimeOffset.UnixEpoch)], TimeSpan.Zero, int.MaxValue), null, Stream.Null);

    private static Task SendAsync(IResult answer) => answer.ExecuteAsync(new DefaultHttpContext { Response = { Body = Stream.Null } });

    private static byte[] Row(ProbeTrace trace)
    {
        var batch = new SpanBatch();
        batch.Reset(SpanProtocol.Otlp);
        new OtlpProtobufDecoder().Decode(OtlpProtobufRequest.Write(trace.Spans), batch, DecodeLimits.Default);
        var frames = new FrameBuffer();
        new FrameWriter().Write(batch, frames);
        // A row is stored under the low half of the id.
        return frames.Written[sizeof(ulong)..].ToArray();
    }
}
