using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Tests.Frames;
using Serverless.Tests.Fuzzing;
using Serverless.Tests.Protocols.Zipkin;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols;

namespace Serverless.Tests.Protocols.Properties;

/// <summary>What a protocol can say comes back from storage as it was said; anything else is refused in the same way.</summary>
public sealed class DecoderPropertyTests
{
    private const int Lists = 60;
    private const int Bodies = 1_000;

    private static readonly Dictionary<string, FuzzTarget> Targets = FuzzTarget.All().ToDictionary(target => target.Name);

    public static TheoryData<string> Names => [.. FuzzTarget.All().Select(target => target.Name)];

    public static TheoryData<string> NamesOfSpans => [.. FuzzTarget.All().Select(target => target.Name).Where(name => !name.StartsWith("otlp-metrics", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(NamesOfSpans))]
    public void Spans_come_back_as_they_were_sent(string name)
    {
        var target = Targets[name];
        var lists = name is "zipkin-json-v1" or "zipkin-thrift" ? SpanGenerators.ZipkinV1Lists() : SpanGenerators.Lists(target.Protocol);
        var batch = new SpanBatch();
        ForAll(lists, Lists, spans =>
        {
            batch.Reset(target.Protocol);
            var result = target.Decode(Encode(name, spans), batch, DecodeLimits.Default);
            Assert.Equal((spans.Count, 0, 0), (result.Accepted, result.Rejected, result.Truncated));
            // Frames group spans by trace, in the order in which the traces came.
            Assert.Equal(
                SpanFrames.Describe(spans.GroupBy(span => span.TraceId).SelectMany(trace => trace)),
                SpanFrames.Describe(ZipkinCorpus.Read(batch)));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Arbitrary_bytes_are_taken_or_refused(string name)
    {
        var target = Targets[name];
        var check = new FuzzCheck();
        var bytes = Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf();
        var starts = Gen.Elements(target.Corpus().Select(body => body[..Math.Min(body.Length, 40)]).Append([]).ToArray());
        ForAll(starts.Zip(bytes, (start, more) => (byte[])[.. start, .. more]), Bodies, body => check.Run(target, body));
    }

    private static byte[] Encode(string name, List<Span> spans) => name switch
    {
        "otlp-protobuf" => OtlpEncoder.Protobuf(spans),
        "otlp-json" => OtlpEncoder.Json(spans),
        "zipkin-json" => Encoding.UTF8.GetBytes(ZipkinEncoder.Json(spans)),
        "zipkin-json-v1" => Encoding.UTF8.GetBytes(ZipkinEncoder.JsonV1(spans)),
        "zipkin-proto3" => ZipkinFormats.Proto3(ZipkinEncoder.Json(spans)),
        "zipkin-thrift" => ZipkinFormats.Thrift(ZipkinEncoder.JsonV1(spans)),
        "jaeger-http" => JaegerEncoder.Batch(spans).Write(compact: false),
        "jaeger-binary" => JaegerEncoder.Message(spans).WriteMessage(compact: false),
        _ => JaegerEncoder.Message(spans).WriteMessage(compact: true),
    };

    private static void ForAll<T>(Gen<T> generator, int times, Action<T> property) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times).WithReplay(20_261_120, 1), Prop.ForAll(generator.ToArbitrary(), property));
}
