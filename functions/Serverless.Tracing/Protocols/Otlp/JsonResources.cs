using static Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>Reads <c>ResourceSpans</c> and <c>ScopeSpans</c> with their <c>Resource</c> and <c>InstrumentationScope</c>.</summary>
internal static class JsonResources
{
    public static void Read(ref OtlpJsonReader reader, OtlpDecodeContext context)
    {
        if (reader.IsNull)
            return;
        var first = context.Batch.SpanCount;
        var resource = default(OtlpResource);
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.ResourceSpans, out var field))
        {
            context.Cut = 0;
            switch (field)
            {
                case ResourceSpans.Resource:
                    ReadResource(ref reader, context, ref resource);
                    resource.Cut |= context.Cut;
                    break;
                case ResourceSpans.ScopeSpans:
                    reader.EnterArray();
                    while (reader.TryReadElement())
                        ReadScopeSpans(ref reader, context);
                    break;
                case ResourceSpans.SchemaUrl:
                    resource.SchemaUrl = reader.ReadText();
                    resource.Cut |= context.Cut;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        resource.SetAsResource(context, first);
    }

    public static void ReadResource(ref OtlpJsonReader reader, OtlpDecodeContext context, ref OtlpResource resource)
    {
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.Resource, out var field))
        {
            switch (field)
            {
                case Resource.Attributes:
                    JsonAttributes.ReadOfResource(ref reader, context, ref resource);
                    break;
                case Resource.DroppedAttributesCount:
                    resource.DroppedAttributes = reader.ReadUInt32();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private static void ReadScopeSpans(ref OtlpJsonReader reader, OtlpDecodeContext context)
    {
        if (reader.IsNull)
            return;
        var first = context.Batch.SpanCount;
        var scope = default(OtlpResource);
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.ScopeSpans, out var field))
        {
            context.Cut = 0;
            switch (field)
            {
                case ScopeSpans.Scope:
                    scope.IsPresent = true;
                    ReadScope(ref reader, context, ref scope);
                    scope.Cut |= context.Cut;
                    break;
                case ScopeSpans.Spans:
                    reader.EnterArray();
                    while (reader.TryReadElement())
                        JsonSpans.Read(ref reader, context);
                    break;
                case ScopeSpans.SchemaUrl:
                    scope.SchemaUrl = reader.ReadText();
                    scope.Cut |= context.Cut;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        scope.SetAsScope(context, first);
    }

    public static void ReadScope(ref OtlpJsonReader reader, OtlpDecodeContext context, ref OtlpResource scope)
    {
        reader.Enter();
        while (reader.TryReadField(OtlpMessage.InstrumentationScope, out var field))
        {
            switch (field)
            {
                case InstrumentationScope.Name:
                    scope.Name = reader.ReadName();
                    break;
                case InstrumentationScope.Version:
                    scope.Version = reader.ReadName();
                    break;
                case InstrumentationScope.Attributes:
                    JsonAttributes.Read(ref reader, context, ref scope.Attributes, ref scope.LeftOut);
                    break;
                case InstrumentationScope.DroppedAttributesCount:
                    scope.DroppedAttributes = reader.ReadUInt32();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
