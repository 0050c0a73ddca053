using System.Globalization;
using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Protocols.Otlp;

/// <summary>A batch as text, everything that is in it, for comparisons.</summary>
internal static class BatchText
{
    public static string Of(SpanBatch batch)
    {
        var text = new StringBuilder();
        for (var i = 0; i < batch.SpanCount; i++)
        {
            var span = batch.Span(i);
            var end = string.Create(CultureInfo.InvariantCulture, $"{span.Status} '{Text(batch, span.StatusMessage)}' flags={span.Flags:x}");
            text.Append(CultureInfo.InvariantCulture, $"{new TraceId(span.TraceHigh, span.TraceLow)} {span.Id:x16} < {span.ParentId:x16}")
                .Append(CultureInfo.InvariantCulture, $" {span.Kind} '{Text(batch, span.Name)}' {span.StartNs}+{span.DurationNs} {end}")
                .Append(CultureInfo.InvariantCulture, $" state='{Text(batch, span.TraceState)}' {span.Marks}\n")
                .Append(CultureInfo.InvariantCulture, $" attributes{Attributes(batch, span.Attributes)} dropped={span.DroppedAttributes}\n");
            AppendEvents(text, batch, span);
            AppendLinks(text, batch, span);
            var resource = batch.Resources[span.Resource];
            text.Append(CultureInfo.InvariantCulture, $" resource '{Text(batch, resource.ServiceName)}'{Attributes(batch, resource.Attributes)}")
                .Append(CultureInfo.InvariantCulture, $" dropped={resource.DroppedAttributes} schema='{Text(batch, resource.SchemaUrl)}'\n");
            if (span.Scope == 0)
                continue;
            var scope = batch.Scopes[span.Scope - 1];
            text.Append(CultureInfo.InvariantCulture, $" scope '{Text(batch, scope.Name)}' '{Text(batch, scope.Version)}'")
                .Append(CultureInfo.InvariantCulture, $"{Attributes(batch, scope.Attributes)} dropped={scope.DroppedAttributes}")
                .Append(CultureInfo.InvariantCulture, $" schema='{Text(batch, scope.SchemaUrl)}'\n");
        }

        return text.ToString();
    }

    /// <summary>The attributes of the batch's only span.</summary>
    public static string AttributesOfFirst(SpanBatch batch) => Attributes(batch, batch.Span(0).Attributes).Trim();

    private static string Text(SpanBatch batch, int id) => Encoding.UTF8.GetString(batch.Text(id));

    private static void AppendEvents(StringBuilder text, SpanBatch batch, in SpanEntry span)
    {
        for (var i = span.Events.First; i != 0; i = batch.Events[i - 1].Next)
        {
            var item = batch.Events[i - 1];
            text.Append(CultureInfo.InvariantCulture, $" event {item.TimeNs} '{Text(batch, item.Name)}'{Attributes(batch, item.Attributes)}")
                .Append(CultureInfo.InvariantCulture, $" dropped={item.DroppedAttributes}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $" events={span.Events.Count} dropped={span.DroppedEvents}\n");
    }

    private static void AppendLinks(StringBuilder text, SpanBatch batch, in SpanEntry span)
    {
        for (var i = span.Links.First; i != 0; i = batch.Links[i - 1].Next)
        {
            var item = batch.Links[i - 1];
            text.Append(CultureInfo.InvariantCulture, $" link {new TraceId(item.TraceHigh, item.TraceLow)} {item.SpanId:x16}")
                .Append(CultureInfo.InvariantCulture, $" state='{Text(batch, item.TraceState)}'{Attributes(batch, item.Attributes)}")
                .Append(CultureInfo.InvariantCulture, $" dropped={item.DroppedAttributes} flags={item.Flags:x}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $" links={span.Links.Count} dropped={span.DroppedLinks}\n");
    }

    private static string Attributes(SpanBatch batch, ItemList list)
    {
        var text = new StringBuilder();
        var count = 0;
        for (var i = list.First; i != 0; i = batch.Attributes[i - 1].Next, count++)
        {
            var item = batch.Attributes[i - 1];
            text.Append(' ').Append(Text(batch, item.Key)).Append(':').Append(item.Type).Append('=').Append(item.Type switch
            {
                AttributeType.String => Text(batch, (int)item.Bits),
                AttributeType.Int64 => item.Bits.ToString(CultureInfo.InvariantCulture),
                AttributeType.Double => BitConverter.Int64BitsToDouble(item.Bits).ToString("R", CultureInfo.InvariantCulture),
                AttributeType.Bytes => Convert.ToHexString(batch.Text((int)item.Bits)),
                AttributeType.Array or AttributeType.Map => NestedValueReader.Read(item.Type, batch.Text((int)item.Bits)).ToString(),
                _ => "",
            });
        }

        Assert.Equal(list.Count, count);
        return text.ToString();
    }
}
