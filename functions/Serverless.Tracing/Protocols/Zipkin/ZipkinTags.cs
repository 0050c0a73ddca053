using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// The tags of a span in Zipkin's view: one text for each key, a later value in the place of an earlier one. One instance
/// serves many spans, one after the other.
/// </summary>
internal sealed class ZipkinTags
{
    private readonly OrderedDictionary<string, AttributeValue> _tags = [];

    /// <summary>Takes the tags of another span.</summary>
    public void Fill(Span span)
    {
        _tags.Clear();
        if (span.Protocol == SpanProtocol.Zipkin)
        {
            AddAll(span.Attributes);
            // The tag itself may have been over a limit.
            if (span.Status == SpanStatus.Error)
                _tags.TryAdd(OtelKeys.Error, AttributeValue.Of(""));
        }
        else
        {
            // What the span says itself wins over what its resource and its scope say.
            AddAll(span.Resource.Attributes);
            _tags.Remove(OtelKeys.ServiceName);
            AddScope(span.Scope);
            AddAll(span.Attributes);
            AddStatus(span);
            AddText(OtelKeys.TraceState, span.TraceState);
            AddLinks(span.Links);
        }

        AddCount(OtelKeys.DroppedAttributes, span.DroppedAttributes);
        AddCount(OtelKeys.DroppedEvents, span.DroppedEvents);
        AddCount(OtelKeys.DroppedLinks, span.DroppedLinks);
    }

    /// <summary>Writes the field <c>tags</c>, if there are any.</summary>
    public void Write(Utf8JsonWriter json)
    {
        if (_tags.Count == 0)
            return;
        Span<byte> number = stackalloc byte[20];
        json.WriteStartObject("tags"u8);
        foreach (var (key, value) in _tags)
        {
            if (value.Type == AttributeType.Int64 && Utf8Formatter.TryFormat(value.Int64, number, out var length))
                json.WriteString(key, number[..length]);
            else
                json.WriteString(key, value.ToString());
        }

        json.WriteEndObject();
    }

    private void AddAll(IReadOnlyList<SpanAttribute> attributes)
    {
        for (var i = 0; i < attributes.Count; i++)
            _tags[attributes[i].Key] = attributes[i].Value;
    }

    private void AddScope(InstrumentationScope? scope)
    {
        if (scope is null)
            return;
        AddAll(scope.Attributes);
        AddText(OtelKeys.ScopeName, scope.Name);
        AddText(OtelKeys.ScopeVersion, scope.Version);
    }

    // To Zipkin a span has failed where the key "error" exists, whatever its value.
    private void AddStatus(Span span)
    {
        var said = _tags.TryGetValue(OtelKeys.Error, out var error) ? error.ToString() : "";
        var saysWhy = said is not ("" or "true" or "false");
        switch (span.Status)
        {
            case SpanStatus.Error:
                AddText(OtelKeys.StatusCode, "ERROR");
                if (saysWhy)
                    AddText(OtelKeys.StatusDescription, span.StatusMessage);
                else
                    _tags[OtelKeys.Error] = AttributeValue.Of(span.StatusMessage);
                break;
            case SpanStatus.Ok:
                AddText(OtelKeys.StatusCode, "OK");
                goto default;
            default:
                if (said == "false")
                    _tags.Remove(OtelKeys.Error);
                AddText(OtelKeys.StatusDescription, span.StatusMessage);
                break;
        }
    }

    private void AddLinks(IReadOnlyList<SpanLink> links)
    {
        for (var i = 0; i < links.Count; i++)
        {
            var link = links[i];
            var context = $"{link.TraceId.ToHex32()}|{link.SpanId}|{link.TraceState}|{AttributeValue.Of(link.Attributes)}";
            AddText(
                string.Create(CultureInfo.InvariantCulture, $"otlp.link.{i}"),
                string.Create(CultureInfo.InvariantCulture, $"{context}|{link.DroppedAttributes}"));
        }
    }

    private void AddText(string key, string text)
    {
        if (text.Length != 0)
            _tags[key] = AttributeValue.Of(text);
    }

    private void AddCount(string key, uint count)
    {
        if (count != 0)
            _tags[key] = AttributeValue.Of((long)count);
    }
}
