using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Protocols.Thrift;
using static Serverless.Tracing.Protocols.Jaeger.JaegerThriftSchema;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>
/// Decodes what Jaeger's clients send: a <c>Batch</c> over HTTP, or a call of <c>Agent.emitBatch</c> in a datagram. It keeps scratch memory
/// between requests and is used by one at a time.
/// </summary>
/// <remarks>
/// Mapped as Jaeger's own translator to OpenTelemetry does it, so that what was mapped prints the same through <see cref="JaegerJsonWriter"/>:
/// tags become a span's kind, status and trace state only where they can be told from these again, and stay tags too where they
/// cannot. An HTTP status code sets no status: Jaeger's clients say <c>error</c>.
/// What thrift's generated readers pass over, a known field of another type than its own, is refused here: nobody sends it on purpose.
/// </remarks>
public sealed class JaegerThriftDecoder
{
    private const int LongestClientId = 128;

    private readonly JaegerDecodeContext _context = new();

    /// <summary>What the client told of itself with the last batch decoded, or null.</summary>
    public JaegerClientReport? Report { get; private set; }

    /// <summary>Adds the spans of a bare <c>Batch</c> in the binary protocol to a span batch, which the caller has reset.</summary>
    /// <param name="body">The batch, decompressed; what follows it is not looked at.</param>
    /// <param name="batch">The span batch to fill; after an exception it holds a part of the request and is to be reset.</param>
    /// <param name="limits">How much of the request is taken.</param>
    /// <returns>How many spans were taken; those with an id of zero are left out and counted.</returns>
    /// <exception cref="MalformedSpansException">The body is not such a batch.</exception>
    public DecodeResult DecodeBatch(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits)
    {
        var reader = new ThriftBinaryReader(body, BinaryBatch, limits.MaxDepth);
        return Decode(ref reader, batch, limits, isMessage: false);
    }

    /// <summary>As <see cref="DecodeBatch"/>, for a call of <c>emitBatch</c> in the binary protocol (port 6832).</summary>
    /// <exception cref="MalformedSpansException">The body is not such a call.</exception>
    public DecodeResult DecodeBinaryMessage(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits)
    {
        var reader = new ThriftBinaryReader(body, BinaryMessage, limits.MaxDepth);
        return Decode(ref reader, batch, limits, isMessage: true);
    }

    /// <summary>As <see cref="DecodeBatch"/>, for a call of <c>emitBatch</c> in the compact protocol (port 6831).</summary>
    /// <exception cref="MalformedSpansException">The body is not such a call.</exception>
    public DecodeResult DecodeCompactMessage(ReadOnlySpan<byte> body, SpanBatch batch, DecodeLimits limits)
    {
        var reader = new ThriftCompactReader(body, CompactMessage, limits.MaxDepth);
        return Decode(ref reader, batch, limits, isMessage: true);
    }

    private DecodeResult Decode<TReader>(ref TReader reader, SpanBatch batch, DecodeLimits limits, bool isMessage)
        where TReader : struct, IThriftReader, allows ref struct
    {
        Report = null;
        _context.Begin(batch, limits);
        try
        {
            if (isMessage)
                ReadMessage(ref reader);
            else
                ReadBatch(ref reader, ThriftType.Struct);
        }
        catch (BatchFullException e)
        {
            reader.Fail(reader.FieldOffset, e.Message);
        }

        return _context.End();
    }

    private void ReadMessage<TReader>(ref TReader reader)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var name = reader.ReadMessage(out var isCall);
        if (!isCall || !name.SequenceEqual("emitBatch"u8))
            reader.Fail(0, $"a {(isCall ? "call" : "reply")} of '{Describe(name)}'; a call of 'emitBatch' expected");
        var isPresent = false;
        var outer = reader.BeginStruct(ThriftType.Struct);
        while (reader.TryReadField(out var type, out var id))
        {
            if (id == EmitBatchBatch)
            {
                ReadBatch(ref reader, type);
                isPresent = true;
            }
            else
                reader.Skip(type);
        }

        if (!isPresent)
            reader.Fail(reader.FieldOffset, "required field batch is not set");
        reader.EndStruct(outer);
    }

    private static string Describe(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name[..Math.Min(name.Length, 40)]);

    private void ReadBatch<TReader>(ref TReader reader, ThriftType type)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var process = default(JaegerProcess);
        var hasSpans = false;
        long? seqNo = null;
        JaegerClientDrops? drops = null;
        var firstSpan = _context.Batch.SpanCount;
        var resource = _context.Batch.AddResource();
        var outer = reader.BeginStruct(type);
        while (reader.TryReadField(out type, out var id))
        {
            switch (id)
            {
                case Batch.Process:
                    process = JaegerProcess.Read(ref reader, type, _context);
                    break;
                case Batch.Spans:
                    JaegerSpans.ReadList(ref reader, type, _context, resource);
                    hasSpans = true;
                    break;
                case Batch.SeqNo:
                    seqNo = reader.ReadI64(type);
                    break;
                case Batch.Stats:
                    drops = ReadDrops(ref reader, type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (!process.IsPresent)
            reader.Fail(reader.FieldOffset, "required field process is not set");
        if (!hasSpans)
            reader.Fail(reader.FieldOffset, "required field spans is not set");
        reader.EndStruct(outer);
        process.SetAsResource(_context, resource, firstSpan);
        Report = ReportOf(process, seqNo, drops);
    }

    private static JaegerClientDrops ReadDrops<TReader>(ref TReader reader, ThriftType type)
        where TReader : struct, IThriftReader, allows ref struct
    {
        long? fullQueue = null;
        long? tooLarge = null;
        long? failed = null;
        var outer = reader.BeginStruct(type);
        while (reader.TryReadField(out type, out var id))
        {
            switch (id)
            {
                case ClientStats.FullQueueDroppedSpans:
                    fullQueue = reader.ReadI64(type);
                    break;
                case ClientStats.TooLargeDroppedSpans:
                    tooLarge = reader.ReadI64(type);
                    break;
                case ClientStats.FailedToEmitSpans:
                    failed = reader.ReadI64(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (fullQueue is null || tooLarge is null || failed is null)
        {
            var missing = fullQueue is null ? "fullQueueDroppedSpans" : tooLarge is null ? "tooLargeDroppedSpans" : "failedToEmitSpans";
            reader.Fail(reader.FieldOffset, $"required field {missing} is not set");
        }

        reader.EndStruct(outer);
        return new JaegerClientDrops(fullQueue ?? 0, tooLarge ?? 0, failed ?? 0);
    }

    private JaegerClientReport? ReportOf(in JaegerProcess process, long? seqNo, JaegerClientDrops? drops)
    {
        var clientId = _context.Batch.Text(process.ClientId);
        if (seqNo is not { } number || clientId.IsEmpty || clientId.Length > LongestClientId)
            return null;
        return new JaegerClientReport(
            Encoding.UTF8.GetString(clientId), Encoding.UTF8.GetString(_context.Batch.Text(process.ServiceName)), number, drops);
    }
}
