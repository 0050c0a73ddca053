using System.Net;
using System.Text.Json;

namespace Serverless.Tests.Querying;

/// <summary>An answer of the app.</summary>
public sealed record QueryAnswer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Text)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
