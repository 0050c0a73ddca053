using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>
/// A resource or scope while it is read. Its fields may come before, between and after the spans, in pieces, so it is
/// given to the spans at the end; one without spans is not kept.
/// </summary>
internal struct OtlpResource
{
    public ItemList Attributes;
    public uint DroppedAttributes;
    public uint LeftOut;
    public int Name;
    public int Version;
    public int SchemaUrl;
    public bool IsPresent;
    public SpanMarks Cut;

    /// <summary>Takes an attribute of a resource that may be the service's name.</summary>
    public void NoteServiceName(SpanBatch batch, int key, in OtlpValue value)
    {
        if (value.Type == AttributeType.String && batch.Text(key).SequenceEqual("service.name"u8))
            Name = (int)value.Bits;
    }

    /// <summary>Makes it the resource of the spans from <paramref name="first"/> on.</summary>
    public readonly void SetAsResource(OtlpDecodeContext context, int first)
    {
        var batch = context.Batch;
        if (first == batch.SpanCount)
            return;
        var resource = batch.AddResource();
        batch.SetResource(resource, Name, Attributes, OtlpCount.Add(DroppedAttributes, LeftOut), SchemaUrl);
        for (var i = first; i < batch.SpanCount; i++)
        {
            ref var span = ref batch.Span(i);
            span.Resource = resource;
            if (Cut != 0)
                context.MarkTruncated(ref span, Cut);
        }
    }

    /// <summary>Makes it the scope of the spans from <paramref name="first"/> on, if anything was said of a scope.</summary>
    public readonly void SetAsScope(OtlpDecodeContext context, int first)
    {
        var batch = context.Batch;
        if (first == batch.SpanCount || (!IsPresent && SchemaUrl == 0))
            return;
        var scope = batch.AddScope();
        batch.SetScope(scope, Name, Version, Attributes, OtlpCount.Add(DroppedAttributes, LeftOut), SchemaUrl);
        for (var i = first; i < batch.SpanCount; i++)
        {
            ref var span = ref batch.Span(i);
            span.Scope = scope;
            if (Cut != 0)
                context.MarkTruncated(ref span, Cut);
        }
    }
}
