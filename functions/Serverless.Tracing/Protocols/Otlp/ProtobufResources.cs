using Serverless.Tracing.Protocols.Protobuf;
using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads <c>ResourceSpans</c> and <c>ScopeSpans</c> with their <c>Resource</c> and <c>InstrumentationScope</c>.</summary>
internal static class ProtobufResources
{
    public static void Read(ref ProtobufReader reader, uint tag, OtlpDecodeContext context)
    {
        var first = context.Batch.SpanCount;
        var resource = default(OtlpResource);
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            context.Cut = 0;
            switch (ProtobufReader.Number(tag))
            {
                case ResourceSpans.Resource:
                    ReadResource(ref reader, tag, context, ref resource);
                    resource.Cut |= context.Cut;
                    break;
                case ResourceSpans.ScopeSpans:
                    ReadScopeSpans(ref reader, tag, context);
                    break;
                case ResourceSpans.SchemaUrl:
                    resource.SchemaUrl = ProtobufAttributes.ReadText(ref reader, tag, context);
                    resource.Cut |= context.Cut;
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        resource.SetAsResource(context, first);
    }

    public static void ReadResource(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, ref OtlpResource resource)
    {
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case Resource.Attributes:
                    ProtobufAttributes.ReadOfResource(ref reader, tag, context, ref resource);
                    break;
                case Resource.DroppedAttributesCount:
                    resource.DroppedAttributes = (uint)reader.ReadVarint(tag);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
    }

    private static void ReadScopeSpans(ref ProtobufReader reader, uint tag, OtlpDecodeContext context)
    {
        var first = context.Batch.SpanCount;
        var scope = default(OtlpResource);
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            context.Cut = 0;
            switch (ProtobufReader.Number(tag))
            {
                case ScopeSpans.Scope:
                    scope.IsPresent = true;
                    ReadScope(ref reader, tag, context, ref scope);
                    scope.Cut |= context.Cut;
                    break;
                case ScopeSpans.Spans:
                    ProtobufSpans.Read(ref reader, tag, context);
                    break;
                case ScopeSpans.SchemaUrl:
                    scope.SchemaUrl = ProtobufAttributes.ReadText(ref reader, tag, context);
                    scope.Cut |= context.Cut;
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
        scope.SetAsScope(context, first);
    }

    public static void ReadScope(ref ProtobufReader reader, uint tag, OtlpDecodeContext context, ref OtlpResource scope)
    {
        var outer = reader.Enter(tag);
        while (reader.TryReadTag(out tag))
        {
            switch (ProtobufReader.Number(tag))
            {
                case InstrumentationScope.Name:
                    scope.Name = ProtobufAttributes.ReadName(ref reader, tag, context);
                    break;
                case InstrumentationScope.Version:
                    scope.Version = ProtobufAttributes.ReadName(ref reader, tag, context);
                    break;
                case InstrumentationScope.Attributes:
                    ProtobufAttributes.Read(ref reader, tag, context, ref scope.Attributes, ref scope.LeftOut);
                    break;
                case InstrumentationScope.DroppedAttributesCount:
                    scope.DroppedAttributes = (uint)reader.ReadVarint(tag);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        reader.Leave(outer);
    }
}
