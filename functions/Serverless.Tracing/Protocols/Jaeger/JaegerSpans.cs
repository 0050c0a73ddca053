using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Thrift;
using static Serverless.Tracing.Protocols.Jaeger.JaegerThriftSchema;
using Span = Serverless.Tracing.Protocols.Jaeger.JaegerThriftSchema.Span;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>Reads <c>Span</c>, <c>SpanRef</c> and <c>Log</c>.</summary>
internal static class JaegerSpans
{
    private const uint DebugFlag = 2;
    private const long NsPerUs = 1000;

    // A bit for the id of each required field.
    private const uint Required = (1 << Span.TraceIdLow) | (1 << Span.TraceIdHigh) | (1 << Span.SpanId) | (1 << Span.ParentSpanId)
        | (1 << Span.OperationName) | (1 << Span.Flags) | (1 << Span.StartTime) | (1 << Span.Duration);

    private static readonly string[] Names =
        ["", "traceIdLow", "traceIdHigh", "spanId", "parentSpanId", "operationName", "references", "flags", "startTime", "duration"];

    public static void ReadList<TReader>(ref TReader reader, ThriftType type, JaegerDecodeContext context, int resource)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var count = reader.ReadList(type, out var item);
        for (var i = 0; i < count; i++)
            Read(ref reader, item, context, resource, i);
    }

    private static void Read<TReader>(ref TReader reader, ThriftType type, JaegerDecodeContext context, int resource, int index)
        where TReader : struct, IThriftReader, allows ref struct
    {
        if (!context.TryCountSpan())
            reader.Fail(reader.Position, $"more than {context.Limits.MaxSpans} spans; send fewer in a request");
        context.Cut = 0;
        context.References.Clear();
        ref var span = ref context.Batch.AddSpan();
        span.Resource = resource;
        var tags = default(JaegerSpanTags);
        uint seen = 0;
        var offset = reader.Position;
        var outer = reader.BeginStruct(type);
        while (reader.TryReadField(out type, out var id))
        {
            ReadField(ref reader, type, id, context, ref span, ref tags);
            if ((ushort)id < 32)
                seen |= 1u << id;
        }

        if ((seen & Required) != Required)
            reader.Fail(reader.FieldOffset, $"required field {Names[int.TrailingZeroCount((int)(Required & ~seen))]} is not set");
        reader.EndStruct(outer);
        tags.Complete(context, ref span);
        AddReferences(context, ref span);
        if ((span.TraceHigh | span.TraceLow) == 0)
            context.Reject(index, "traceIdLow", offset);
        else if (span.Id == 0)
            context.Reject(index, "spanId", offset);
        else if (context.Cut != 0)
            context.MarkTruncated(ref span, context.Cut);
    }

    private static void ReadField<TReader>(
        ref TReader reader, ThriftType type, short id, JaegerDecodeContext context, ref SpanEntry span, ref JaegerSpanTags tags)
        where TReader : struct, IThriftReader, allows ref struct
    {
        switch (id)
        {
            case Span.TraceIdLow:
                span.TraceLow = (ulong)reader.ReadI64(type);
                break;
            case Span.TraceIdHigh:
                span.TraceHigh = (ulong)reader.ReadI64(type);
                break;
            case Span.SpanId:
                span.Id = (ulong)reader.ReadI64(type);
                break;
            case Span.ParentSpanId:
                span.ParentId = (ulong)reader.ReadI64(type);
                break;
            case Span.OperationName:
                span.Name = context.ReadName(ref reader, type);
                break;
            case Span.References:
                ReadReferences(ref reader, type, context, ref span);
                break;
            case Span.Flags:
                span.Flags = (uint)reader.ReadI32(type);
                if ((span.Flags & DebugFlag) != 0)
                    span.Marks |= SpanMarks.Debug;
                break;
            case Span.StartTime:
                span.StartNs = TimeNs(reader.ReadI64(type));
                break;
            case Span.Duration:
                span.DurationNs = DurationNs(reader.ReadI64(type));
                break;
            case Span.Tags:
                ReadTags(ref reader, type, context, ref span, ref tags);
                break;
            case Span.Logs:
                ReadLogs(ref reader, type, context, ref span);
                break;
            default:
                reader.Skip(type);
                break;
        }
    }

    private static void ReadTags<TReader>(
        ref TReader reader, ThriftType type, JaegerDecodeContext context, ref SpanEntry span, ref JaegerSpanTags tags)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var count = reader.ReadList(type, out var item);
        for (var i = 0; i < count; i++)
        {
            if (context.IsFull(span.Attributes, context.Limits.MaxAttributes, SpanMarks.CutAttributes, ref span.DroppedAttributes))
                reader.Skip(item);
            else
                tags.Add(context, JaegerTag.Read(ref reader, item, context), ref span.Attributes);
        }
    }

    private static void ReadReferences<TReader>(ref TReader reader, ThriftType type, JaegerDecodeContext context, ref SpanEntry span)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var count = reader.ReadList(type, out var item);
        for (var i = 0; i < count; i++)
        {
            if (context.References.Count < context.Limits.MaxLinks)
            {
                context.References.Add(ReadReference(ref reader, item));
                continue;
            }

            reader.Skip(item);
            span.DroppedLinks++;
            context.Cut |= SpanMarks.CutLinks;
        }
    }

    private static JaegerReference ReadReference<TReader>(ref TReader reader, ThriftType type)
        where TReader : struct, IThriftReader, allows ref struct
    {
        uint seen = 0;
        var kind = 0;
        ulong traceLow = 0;
        ulong traceHigh = 0;
        ulong spanId = 0;
        var outer = reader.BeginStruct(type);
        while (reader.TryReadField(out type, out var id))
        {
            switch (id)
            {
                case Reference.Type:
                    kind = reader.ReadI32(type);
                    if (kind is not (0 or 1))
                        reader.Fail(reader.FieldOffset, $"reference type {kind}, which does not exist (0 or 1)");
                    break;
                case Reference.TraceIdLow:
                    traceLow = (ulong)reader.ReadI64(type);
                    break;
                case Reference.TraceIdHigh:
                    traceHigh = (ulong)reader.ReadI64(type);
                    break;
                case Reference.SpanId:
                    spanId = (ulong)reader.ReadI64(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }

            if (id is >= Reference.Type and <= Reference.SpanId)
                seen |= 1u << id;
        }

        const uint All = (1 << Reference.Type) | (1 << Reference.TraceIdLow) | (1 << Reference.TraceIdHigh) | (1 << Reference.SpanId);
        if (seen != All)
        {
            var missing = int.TrailingZeroCount((int)(All & ~seen));
            reader.Fail(reader.FieldOffset, $"required field {(missing == Reference.Type ? "refType" : missing == Reference.SpanId ? "spanId" : Names[missing - 1])} is not set");
        }

        reader.EndStruct(outer);
        return new JaegerReference(new TraceId(traceHigh, traceLow), spanId, kind == 0);
    }

    /// <summary>The parent is what the span says, else its first child-of reference into the same trace; the other references are links.</summary>
    private static void AddReferences(JaegerDecodeContext context, ref SpanEntry span)
    {
        var parentIsSaid = false;
        foreach (var reference in context.References)
        {
            var isInTrace = reference.IsChildOf && reference.TraceId.High == span.TraceHigh && reference.TraceId.Low == span.TraceLow;
            if (isInTrace && span.ParentId == 0)
                span.ParentId = reference.SpanId;
            if (isInTrace && !parentIsSaid && span.ParentId != 0 && span.ParentId == reference.SpanId)
            {
                parentIsSaid = true;
                continue;
            }

            var attributes = default(ItemList);
            context.Batch.AddString(ref attributes, context.ReferenceTypeKey, reference.IsChildOf ? context.ChildOf : context.FollowsFrom);
            context.Batch.AddLink(ref span.Links, reference.TraceId, reference.SpanId, 0, attributes);
        }
    }

    private static void ReadLogs<TReader>(ref TReader reader, ThriftType type, JaegerDecodeContext context, ref SpanEntry span)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var count = reader.ReadList(type, out var item);
        for (var i = 0; i < count; i++)
        {
            if (context.IsFull(span.Events, context.Limits.MaxEvents, SpanMarks.CutEvents, ref span.DroppedEvents))
                reader.Skip(item);
            else
                ReadLog(ref reader, item, context, ref span);
        }
    }

    private static void ReadLog<TReader>(ref TReader reader, ThriftType type, JaegerDecodeContext context, ref SpanEntry span)
        where TReader : struct, IThriftReader, allows ref struct
    {
        long? timestamp = null;
        var hasFields = false;
        var name = default(JaegerHeldTag);
        var attributes = default(ItemList);
        uint leftOut = 0;
        var outer = reader.BeginStruct(type);
        while (reader.TryReadField(out type, out var id))
        {
            switch (id)
            {
                case Log.Timestamp:
                    timestamp = reader.ReadI64(type);
                    break;
                case Log.Fields:
                    hasFields = true;
                    var count = reader.ReadList(type, out var item);
                    for (var i = 0; i < count; i++)
                    {
                        if (context.IsFull(attributes, context.Limits.MaxAttributes, SpanMarks.CutAttributes, ref leftOut))
                        {
                            reader.Skip(item);
                            continue;
                        }

                        var tag = JaegerTag.Read(ref reader, item, context);
                        if (tag.Key == context.EventKey)
                            name.Add(context.Batch, tag, ref attributes);
                        else
                            tag.AddTo(context.Batch, ref attributes);
                    }

                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (timestamp is null || !hasFields)
            reader.Fail(reader.FieldOffset, $"required field {(timestamp is null ? "timestamp" : "fields")} is not set");
        reader.EndStruct(outer);
        context.Batch.AddEvent(ref span.Events, TimeNs(timestamp ?? 0), name.Text, attributes, leftOut);
    }

    // Times that nanoseconds cannot hold are marked as suspect like all that are far off; they keep as much as they can.
    private static ulong TimeNs(long us) => us <= 0 ? 0 : (ulong)us > ulong.MaxValue / (ulong)NsPerUs ? ulong.MaxValue / 1000 * 1000 : (ulong)us * (ulong)NsPerUs;

    private static long DurationNs(long us) => Math.Clamp(us, long.MinValue / NsPerUs, long.MaxValue / NsPerUs) * NsPerUs;
}
