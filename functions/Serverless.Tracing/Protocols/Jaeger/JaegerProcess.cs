using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Thrift;
using static Serverless.Tracing.Protocols.Jaeger.JaegerThriftSchema;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>A batch's process while it is read. It may come after the spans, so it is given to them at the end.</summary>
internal struct JaegerProcess
{
    public int ServiceName;

    /// <summary>The text of the first tag <c>client-uuid</c>.</summary>
    public int ClientId;

    private ItemList _attributes;
    private uint _leftOut;
    private SpanMarks _cut;

    /// <summary>Whether one was read.</summary>
    public bool IsPresent { get; private set; }

    public static JaegerProcess Read<TReader>(ref TReader reader, ThriftType type, JaegerDecodeContext context)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var process = default(JaegerProcess);
        context.Cut = 0;
        var outer = reader.BeginStruct(type);
        while (reader.TryReadField(out type, out var id))
        {
            switch (id)
            {
                case Process.ServiceName:
                    process.ServiceName = context.ReadName(ref reader, type);
                    process.IsPresent = true;
                    break;
                case Process.Tags:
                    process.ReadTags(ref reader, type, context);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (!process.IsPresent)
            reader.Fail(reader.FieldOffset, "required field serviceName is not set");
        reader.EndStruct(outer);
        process._cut = context.Cut;
        return process;
    }

    /// <summary>Fills in the resource of the spans from <paramref name="firstSpan"/> on.</summary>
    public readonly void SetAsResource(JaegerDecodeContext context, int resource, int firstSpan)
    {
        var batch = context.Batch;
        var attributes = default(ItemList);
        if (ServiceName != 0)
            batch.AddString(ref attributes, context.ServiceNameKey, ServiceName);
        batch.Append(ref attributes, _attributes);
        batch.SetResource(resource, ServiceName, attributes, _leftOut);
        for (var i = firstSpan; _cut != 0 && i < batch.SpanCount; i++)
            context.MarkTruncated(ref batch.Span(i), _cut);
    }

    private void ReadTags<TReader>(ref TReader reader, ThriftType type, JaegerDecodeContext context)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var count = reader.ReadList(type, out var item);
        for (var i = 0; i < count; i++)
        {
            if (context.IsFull(_attributes, context.Limits.MaxAttributes, SpanMarks.CutAttributes, ref _leftOut))
            {
                reader.Skip(item);
                continue;
            }

            var tag = JaegerTag.Read(ref reader, item, context);
            if (tag.Key == context.ClientIdKey && tag.Type == AttributeType.String && ClientId == 0)
                ClientId = tag.Text;
            tag.AddTo(context.Batch, ref _attributes);
        }
    }
}
