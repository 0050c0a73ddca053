using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Azure.Messaging.EventHubs;

namespace Serverless.Local;

/// <summary>The binding data of an event hub invocation: JSON texts by name, made when they are first asked for.</summary>
internal sealed class EventHubBindingData(EventHubPosition position, EventData[] events, bool isBatch)
{
    private const string LocalNamespace = "localhost";
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The texts by name; <c>Array</c> is appended to the names of what there is per event of a batch.</summary>
    public IReadOnlyDictionary<string, object?> ToDictionary()
    {
        var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["PartitionContext"] = Text(WritePartition) };
        Add(data, "PartitionKey", (json, e) => json.WriteStringValue(e.PartitionKey));
        Add(data, "Offset", (json, e) => json.WriteStringValue(e.OffsetString));
        Add(data, "SequenceNumber", (json, e) => json.WriteNumberValue(e.SequenceNumber));
        Add(data, "EnqueuedTimeUtc", (json, e) => json.WriteStringValue(e.EnqueuedTime.UtcDateTime));
        Add(data, "Properties", (json, e) => WriteProperties(json, e.Properties));
        Add(data, "SystemProperties", (json, e) => WriteProperties(json, e.SystemProperties));
        return data;
    }

    private static string Text(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
            write(json);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private void Add(Dictionary<string, object?> data, string name, Action<Utf8JsonWriter, EventData> write)
    {
        if (!isBatch)
        {
            data[name] = Text(json => write(json, events[0]));
            return;
        }

        data[name + "Array"] = Text(json =>
        {
            json.WriteStartArray();
            foreach (var one in events)
                write(json, one);
            json.WriteEndArray();
        });
    }

    private void WritePartition(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("FullyQualifiedNamespace", LocalNamespace);
        json.WriteString("EventHubName", position.HubName);
        json.WriteString("ConsumerGroup", position.ConsumerGroup);
        json.WriteString("PartitionId", position.Partition.Id);
        json.WriteEndObject();
    }

    private static void WriteProperties(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, object>> properties)
    {
        json.WriteStartObject();
        foreach (var (name, value) in properties)
        {
            json.WritePropertyName(name);
            switch (value)
            {
                case null:
                    json.WriteNullValue();
                    break;
                case bool flag:
                    json.WriteBooleanValue(flag);
                    break;
                case byte or sbyte or short or ushort or int or uint or long:
                    json.WriteNumberValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                    break;
                case DateTime time:
                    json.WriteStringValue(time);
                    break;
                case DateTimeOffset time:
                    json.WriteStringValue(time);
                    break;
                case byte[] bytes:
                    json.WriteBase64StringValue(bytes);
                    break;
                default:
                    json.WriteStringValue(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                    break;
            }
        }

        json.WriteEndObject();
    }
}
