using System.Text.Json;

namespace Serverless.Functions.Probing.Requests;

/// <summary>A body in JSON.</summary>
internal static class ProbeJson
{
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
            write(json);
        return bytes.ToArray();
    }
}
