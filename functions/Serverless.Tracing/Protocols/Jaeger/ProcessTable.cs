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

    private sealed class SameProcess : IEqualityComparer<Process>
    {
        public bool Equals(Process x, Process y) =>
            x.ServiceName == y.ServiceName && ContentComparer.OfResources.Equals(x.Resource, y.Resource);

        public int GetHashCode(Process process) => ContentComparer.OfResources.GetHashCode(process.Resource);
    }
}
