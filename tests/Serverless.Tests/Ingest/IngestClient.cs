using System.IO.Compression;
using System.Net;
using System.Text;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Ingest;

/// <summary>Posts any body with any words about it.</summary>
internal static class IngestClient
{
    public static async Task<(HttpStatusCode Status, string Text)> PostAsync(
        this QueryApp app, string path, string? type, byte[] body, string? encoding = null, bool isChunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = isChunked ? new StreamContent(new MemoryStream(body)) : new ByteArrayContent(body);
        request.Headers.TransferEncodingChunked = isChunked ? true : null;
        if (type is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var answer = await app.Client.SendAsync(request, CancellationToken.None);
        return (answer.StatusCode, Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(CancellationToken.None)));
    }

    /// <summary>Posts a span in Zipkin's JSON and waits until it can be read: the system is well.</summary>
    public static async Task AssertIsWellAsync(this QueryApp app)
    {
        var id = $"{(ulong)Random.Shared.NextInt64(1, long.MaxValue):x16}";
        await app.StoreAsync("/api/v2/spans", $$$"""[{"traceId":"{{{id}}}","id":"1","localEndpoint":{"serviceName":"well"}}]""", id);
    }

    public static byte[] Compress(byte[] body, string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
            "raw deflate" => new DeflateStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
        })
            stream.Write(body);
        return compressed.ToArray();
    }
}
