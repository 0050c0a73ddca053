using System.Text.Json;

namespace Serverless.Tests.Scenarios;

/// <summary>What a receiver was told of an alert.</summary>
internal sealed record Notice(string Rule, string Status, string Labels)
{
    public static Notice Of(JsonElement alert)
    {
        var labels = alert.GetProperty("labels").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!);
        return new Notice(
            labels["alertname"], alert.GetProperty("status").GetString()!,
            string.Join(' ', labels.Where(label => label.Key is not ("alertname" or "severity")).OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")));
    }
}
