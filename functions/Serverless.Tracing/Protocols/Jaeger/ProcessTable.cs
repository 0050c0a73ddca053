using System.Globalization;
using System.Text.Json;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>The distinct processes of a trace, named p1, p2, … in the order in which spans need them.</summary>
internal sealed class ProcessTable
{
    private readonly Dictionary<Process, string> _names = new(new SameProcess());
    private readonly List<Process> _inOrder = [];
    private Process _last;
    private string _lastName = "";

    /// <summary>The name of a span's process.</summary>
    public string NameOf(Span span)
    {
        var process = new Process(JaegerJsonWriter.ServiceName(span), span.Resource);
        if (ReferenceEquals(process.Resource, _last.Resource) && process.ServiceName == _last.ServiceName)
            return _lastName;
        if (!_names.TryGetValue(process, out var name))
        {
            _inOrder.Add(process);
            name = "p" + _inOrder.Count.ToString(CultureInfo.InvariantCulture);
            _names.Add(process, name);
        }

        _last = process;
        _lastName = name;
        return name;
    }

    /// <summary>Writes the field <c>processes</c>.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("processes"u8);
        foreach (var process in _inOrder)
        {
            json.WriteStartObject(_names[process]);
            json.WriteString("serviceName"u8, process.ServiceName);
            json.WriteStartArray("tags"u8);
            JaegerTags.WriteProcessTags(json, process.Resource);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private readonly record struct Process(string ServiceName, Resource Resource);

    /// <summary>Equal resources are different objects where spans of one process came in different requests.</summary>
    private sealed class SameProcess : IEqualityComparer<Process>
    {
        public bool Equals(Process x, Process y) =>
            x.ServiceName == y.ServiceName && (ReferenceEquals(x.Resource, y.Resource)
                || (x.Resource.LocalEndpoint == y.Resource.LocalEndpoint
                    && x.Resource.DroppedAttributes == y.Resource.DroppedAttributes
                    && Same(x.Resource.Attributes, y.Resource.Attributes)));

        public int GetHashCode(Process process)
        {
            var hash = default(HashCode);
            hash.Add(process.ServiceName);
            hash.Add(process.Resource.LocalEndpoint);
            hash.Add(process.Resource.DroppedAttributes);
            var attributes = process.Resource.Attributes;
            for (var i = 0; i < attributes.Count; i++)
            {
                hash.Add(attributes[i].Key);
                // All that tells processes apart: else a trace of many that differ in a number would take quadratic time.
                AddTo(ref hash, attributes[i].Value);
            }

            return hash.ToHashCode();
        }

        private static void AddTo(ref HashCode hash, AttributeValue value)
        {
            hash.Add(value.Type);
            switch (value.Type)
            {
                case AttributeType.String:
                    hash.Add(value.Text);
                    break;
                case AttributeType.Int64 or AttributeType.Double:
                    hash.Add((uint)value.Int64);
                    hash.Add((uint)(value.Int64 >> 32));
                    break;
                case AttributeType.Bytes:
                    hash.AddBytes(value.Bytes);
                    break;
                case AttributeType.Array or AttributeType.Map:
                    hash.Add(value.ToString());
                    break;
            }
        }

        private static bool Same(IReadOnlyList<SpanAttribute> x, IReadOnlyList<SpanAttribute> y)
        {
            if (x.Count != y.Count)
                return false;
            for (var i = 0; i < x.Count; i++)
            {
                if (x[i].Key != y[i].Key || !Same(x[i].Value, y[i].Value))
                    return false;
            }

            return true;
        }

        private static bool Same(AttributeValue x, AttributeValue y)
        {
            if (x.Type != y.Type)
                return false;
            return x.Type switch
            {
                AttributeType.String => x.Text == y.Text,
                AttributeType.Int64 or AttributeType.Double => x.Int64 == y.Int64,
                AttributeType.Bytes => x.Bytes.AsSpan().SequenceEqual(y.Bytes),
                // Nested values are rare in resources; their texts are their tags.
                AttributeType.Array or AttributeType.Map => x.ToString() == y.ToString(),
                _ => true,
            };
        }
    }
}
