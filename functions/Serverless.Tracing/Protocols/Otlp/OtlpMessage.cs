using System.Text;
using System.Text.Json;
using F = Serverless.Tracing.Protocols.Otlp.OtlpFieldNumbers;

namespace Serverless.Tracing.Protocols.Otlp;

/// <summary>A message of the request with its fields: the names that JSON uses, and that errors use for both forms.</summary>
internal sealed class OtlpMessage
{
    public static readonly OtlpMessage Request = new();
    public static readonly OtlpMessage ResourceSpans = new();
    public static readonly OtlpMessage Resource = new();
    public static readonly OtlpMessage ScopeSpans = new();
    public static readonly OtlpMessage InstrumentationScope = new();
    public static readonly OtlpMessage Span = new();
    public static readonly OtlpMessage Event = new();
    public static readonly OtlpMessage Link = new();
    public static readonly OtlpMessage Status = new();
    public static readonly OtlpMessage KeyValue = new();
    public static readonly OtlpMessage AnyValue = new();
    public static readonly OtlpMessage ArrayValue = new();
    public static readonly OtlpMessage KeyValueList = new();

    private readonly List<Field> _fields = [];
    private JsonName[][] _namesByLength = [];

    static OtlpMessage()
    {
        Request.Set(Many(F.ExportTraceServiceRequest.ResourceSpans, "resource_spans", ResourceSpans));
        ResourceSpans.Set(
            One(F.ResourceSpans.Resource, "resource", Resource),
            Many(F.ResourceSpans.ScopeSpans, "scope_spans", ScopeSpans),
            One(F.ResourceSpans.SchemaUrl, "schema_url"));
        Resource.Set(
            Many(F.Resource.Attributes, "attributes", KeyValue),
            One(F.Resource.DroppedAttributesCount, "dropped_attributes_count"));
        ScopeSpans.Set(
            One(F.ScopeSpans.Scope, "scope", InstrumentationScope),
            Many(F.ScopeSpans.Spans, "spans", Span),
            One(F.ScopeSpans.SchemaUrl, "schema_url"));
        InstrumentationScope.Set(
            One(F.InstrumentationScope.Name, "name"),
            One(F.InstrumentationScope.Version, "version"),
            Many(F.InstrumentationScope.Attributes, "attributes", KeyValue),
            One(F.InstrumentationScope.DroppedAttributesCount, "dropped_attributes_count"));
        Span.Set(
            One(F.Span.TraceId, "trace_id"),
            One(F.Span.SpanId, "span_id"),
            One(F.Span.TraceState, "trace_state"),
            One(F.Span.ParentSpanId, "parent_span_id"),
            One(F.Span.Name, "name"),
            One(F.Span.Kind, "kind"),
            One(F.Span.StartTimeUnixNano, "start_time_unix_nano"),
            One(F.Span.EndTimeUnixNano, "end_time_unix_nano"),
            Many(F.Span.Attributes, "attributes", KeyValue),
            One(F.Span.DroppedAttributesCount, "dropped_attributes_count"),
            Many(F.Span.Events, "events", Event),
            One(F.Span.DroppedEventsCount, "dropped_events_count"),
            Many(F.Span.Links, "links", Link),
            One(F.Span.DroppedLinksCount, "dropped_links_count"),
            One(F.Span.Status, "status", Status),
            One(F.Span.Flags, "flags"));
        Event.Set(
            One(F.Event.TimeUnixNano, "time_unix_nano"),
            One(F.Event.Name, "name"),
            Many(F.Event.Attributes, "attributes", KeyValue),
            One(F.Event.DroppedAttributesCount, "dropped_attributes_count"));
        Link.Set(
            One(F.Link.TraceId, "trace_id"),
            One(F.Link.SpanId, "span_id"),
            One(F.Link.TraceState, "trace_state"),
            Many(F.Link.Attributes, "attributes", KeyValue),
            One(F.Link.DroppedAttributesCount, "dropped_attributes_count"),
            One(F.Link.Flags, "flags"));
        Status.Set(One(F.Status.Message, "message"), One(F.Status.Code, "code"));
        KeyValue.Set(One(F.KeyValue.Key, "key"), One(F.KeyValue.Value, "value", AnyValue));
        AnyValue.Set(
            One(F.AnyValue.StringValue, "string_value"),
            One(F.AnyValue.BoolValue, "bool_value"),
            One(F.AnyValue.IntValue, "int_value"),
            One(F.AnyValue.DoubleValue, "double_value"),
            One(F.AnyValue.ArrayValue, "array_value", ArrayValue),
            One(F.AnyValue.KvlistValue, "kvlist_value", KeyValueList),
            One(F.AnyValue.BytesValue, "bytes_value"));
        ArrayValue.Set(Many(F.ArrayValue.Values, "values", AnyValue));
        KeyValueList.Set(Many(F.KeyValueList.Values, "values", KeyValue));
    }

    private OtlpMessage()
    {
    }

    /// <summary>The field of a number, or null where the message has none.</summary>
    public Field? Find(uint number)
    {
        foreach (var field in _fields)
        {
            if (field.Number == number)
                return field;
        }

        return null;
    }

    /// <summary>The number of the field that JSON calls so, in lowerCamelCase or as in the .proto file; 0 where there is none.</summary>
    public uint Find(ReadOnlySpan<byte> jsonName)
    {
        if (jsonName.Length < _namesByLength.Length)
        {
            foreach (var name in _namesByLength[jsonName.Length])
            {
                if (jsonName.SequenceEqual(name.Utf8))
                    return name.Number;
            }
        }

        return 0;
    }

    private static Field One(uint number, string name, OtlpMessage? message = null) =>
        new(number, name, JsonNamingPolicy.CamelCase.ConvertName(ToPascal(name)), false, message);

    private static Field Many(uint number, string name, OtlpMessage message) => One(number, name, message) with { IsRepeated = true };

    private static string ToPascal(string name) =>
        string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private void Set(params Field[] fields)
    {
        _fields.AddRange(fields);
        var names = fields.SelectMany(field => new[] { field.JsonName, field.ProtoName }.Distinct()
            .Select(name => new JsonName(Encoding.UTF8.GetBytes(name), field.Number))).ToArray();
        _namesByLength = [.. Enumerable.Range(0, names.Max(name => name.Utf8.Length) + 1)
            .Select(length => names.Where(name => name.Utf8.Length == length).ToArray())];
    }

    /// <summary>A field of a message.</summary>
    /// <param name="Number">Its number in protobuf.</param>
    /// <param name="ProtoName">Its name in the .proto file.</param>
    /// <param name="JsonName">Its name in JSON.</param>
    /// <param name="IsRepeated">There may be many.</param>
    /// <param name="Message">What it holds, where that is a message.</param>
    public sealed record Field(uint Number, string ProtoName, string JsonName, bool IsRepeated, OtlpMessage? Message);

    private readonly record struct JsonName(byte[] Utf8, uint Number);
}
