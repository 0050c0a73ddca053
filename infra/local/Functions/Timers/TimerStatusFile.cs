using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Local;

/// <summary>The durable state of one timer: <c>{"schedule", "last", "next", "lastUpdated"}</c>, times in UTC.</summary>
internal sealed class TimerStatusFile(string path)
{
    /// <summary>Reads the state; null where there is none of this schedule.</summary>
    public ScheduleStatus? Read(string schedule)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            return root.GetProperty("schedule").GetString() != schedule ? null : new ScheduleStatus
            {
                Last = root.GetProperty("last").GetDateTime(),
                Next = root.GetProperty("next").GetDateTime(),
                LastUpdated = root.GetProperty("lastUpdated").GetDateTime(),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            // What cannot be read says nothing about missed runs; it is written anew with the next.
            return null;
        }
    }

    /// <summary>Replaces the state, durably.</summary>
    public void Write(string schedule, ScheduleStatus status)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".new";
        using (var file = File.Create(temporary))
        {
            using (var json = new Utf8JsonWriter(file))
            {
                json.WriteStartObject();
                json.WriteString("schedule", schedule);
                json.WriteString("last", status.Last);
                json.WriteString("next", status.Next);
                json.WriteString("lastUpdated", status.LastUpdated);
                json.WriteEndObject();
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
