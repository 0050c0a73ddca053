using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Ingest;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Jaeger;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>Jaeger's legacy API: shows traces of a file without storing them.</summary>
public sealed class JaegerTransformFunction(BodyReader bodies, TracingSettings settings)
{
    // Of the process: one file at a time, for the memory of decoding is not kept.
    private static readonly DecodeSlots Slots = new(1);

    /// <summary>
    /// Makes Jaeger's JSON of OTLP's, whatever content type is told: the spans as they are, nothing merged or adjusted. What is not OTLP is
    /// 400; single spans that are invalid are left out and told in <c>errors</c>.
    /// </summary>
    [Function("jaeger-transform")]
    public Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/transform")] HttpRequest request, CancellationToken cancellation) =>
        JaegerAnswers.AnswerAsync(async () =>
        {
            try
            {
                using var body = await bodies.ReadAsync(request, cancellation);
                var (traces, errors) = await DecodeAsync(body, cancellation);
                return JaegerAnswers.Traces(traces.Select(spans => new JaegerTraces.ShownTrace(spans, _ => null, [])), errors, JaegerParameters.IsPretty(request.Query));
            }
            catch (MalformedSpansException e)
            {
                return JaegerAnswers.Failure(StatusCodes.Status400BadRequest, $"cannot unmarshal OTLP : {e.Message}");
            }
            catch (FramesTooLargeException e)
            {
                return JaegerAnswers.Failure(StatusCodes.Status413PayloadTooLarge, e.Message);
            }
            catch (RefusedException e)
            {
                return JaegerAnswers.Failure(e.Status, e.Message, e.RetryAfterSeconds);
            }
        });

    private async Task<(IReadOnlyList<IReadOnlyList<Span>> Traces, IReadOnlyList<JaegerError> Errors)> DecodeAsync(RequestBody body, CancellationToken cancellation)
    {
        using var slot = await Slots.EnterAsync(cancellation);
        if (body.Encoding.Length == 0)
            return Decode(body.Bytes);
        using var decompressed = await bodies.DecompressAsync(body, slot, cancellation);
        return Decode(decompressed.Bytes);
    }

    private (IReadOnlyList<IReadOnlyList<Span>> Traces, IReadOnlyList<JaegerError> Errors) Decode(ReadOnlySpan<byte> otlp)
    {
        var context = new IngestContext();
        context.Batch.Reset(SpanProtocol.Otlp);
        var result = context.Decoder<OtlpJsonDecoder>().Decode(otlp, context.Batch, settings.Decoding);
        context.Writer.Write(context.Batch, context.Frames);
        var spans = new List<Span>();
        SpanDecoder.Decode(context.Frames.Written.ToArray(), spans);
        return (
            [.. spans.GroupBy(span => span.TraceId).Select(trace => trace.ToArray())],
            result.Rejected == 0 ? [] : [new JaegerError(0, $"{result.Rejected} invalid spans were left out; the first: {result.RejectedReason}")]);
    }
}
