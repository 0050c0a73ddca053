using Serverless.Tracing.Protocols.Thrift;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>The field ids of jaeger.thrift and agent.thrift, and their names for errors.</summary>
/// <remarks>https://github.com/jaegertracing/jaeger-idl/tree/main/thrift</remarks>
internal static class JaegerThriftSchema
{
    public const short EmitBatchBatch = 1;

    private static readonly ThriftStruct TagStruct = new(
        new(Tag.Key, "key"), new(Tag.Type, "vType"), new(Tag.String, "vStr"), new(Tag.Double, "vDouble"),
        new(Tag.Bool, "vBool"), new(Tag.Long, "vLong"), new(Tag.Binary, "vBinary"));

    private static readonly ThriftStruct SpanStruct = new(
        new(Span.TraceIdLow, "traceIdLow"), new(Span.TraceIdHigh, "traceIdHigh"), new(Span.SpanId, "spanId"),
        new(Span.ParentSpanId, "parentSpanId"), new(Span.OperationName, "operationName"),
        new(Span.References, "references", new(
            new(Reference.Type, "refType"), new(Reference.TraceIdLow, "traceIdLow"), new(Reference.TraceIdHigh, "traceIdHigh"),
            new(Reference.SpanId, "spanId"))),
        new(Span.Flags, "flags"), new(Span.StartTime, "startTime"), new(Span.Duration, "duration"),
        new(Span.Tags, "tags", TagStruct),
        new(Span.Logs, "logs", new(new(Log.Timestamp, "timestamp"), new(Log.Fields, "fields", TagStruct))));

    private static readonly ThriftStruct BatchStruct = new(
        new(Batch.Process, "process", new(new(Process.ServiceName, "serviceName"), new(Process.Tags, "tags", TagStruct))),
        new(Batch.Spans, "spans", SpanStruct),
        new(Batch.SeqNo, "seqNo"),
        new(Batch.Stats, "stats", new(
            new(ClientStats.FullQueueDroppedSpans, "fullQueueDroppedSpans"), new(ClientStats.TooLargeDroppedSpans, "tooLargeDroppedSpans"),
            new(ClientStats.FailedToEmitSpans, "failedToEmitSpans"))));

    private static readonly ThriftStruct EmitBatchArguments = new(new ThriftField(EmitBatchBatch, "", BatchStruct));

    /// <summary>A batch by itself in the binary protocol.</summary>
    public static readonly ThriftSchema BinaryBatch = new("Jaeger thrift binary", BatchStruct);

    /// <summary>The arguments of <c>Agent.emitBatch</c> in the binary protocol.</summary>
    public static readonly ThriftSchema BinaryMessage = new("Jaeger thrift binary", EmitBatchArguments);

    /// <summary>The arguments of <c>Agent.emitBatch</c> in the compact protocol.</summary>
    public static readonly ThriftSchema CompactMessage = new("Jaeger thrift compact", EmitBatchArguments);

    public static class Batch
    {
        public const short Process = 1;
        public const short Spans = 2;
        public const short SeqNo = 3;
        public const short Stats = 4;
    }

    public static class ClientStats
    {
        public const short FullQueueDroppedSpans = 1;
        public const short TooLargeDroppedSpans = 2;
        public const short FailedToEmitSpans = 3;
    }

    public static class Process
    {
        public const short ServiceName = 1;
        public const short Tags = 2;
    }

    public static class Span
    {
        public const short TraceIdLow = 1;
        public const short TraceIdHigh = 2;
        public const short SpanId = 3;
        public const short ParentSpanId = 4;
        public const short OperationName = 5;
        public const short References = 6;
        public const short Flags = 7;
        public const short StartTime = 8;
        public const short Duration = 9;
        public const short Tags = 10;
        public const short Logs = 11;
    }

    public static class Reference
    {
        public const short Type = 1;
        public const short TraceIdLow = 2;
        public const short TraceIdHigh = 3;
        public const short SpanId = 4;
    }

    public static class Tag
    {
        public const short Key = 1;
        public const short Type = 2;
        public const short String = 3;
        public const short Double = 4;
        public const short Bool = 5;
        public const short Long = 6;
        public const short Binary = 7;
    }

    public static class Log
    {
        public const short Timestamp = 1;
        public const short Fields = 2;
    }
}
