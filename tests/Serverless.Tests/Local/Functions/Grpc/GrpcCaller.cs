using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace Serverless.Tests.Local.Functions.Grpc;

/// <summary>Speaks gRPC by hand, so that it can also speak it wrongly.</summary>
internal sealed class GrpcCaller(Uri address) : IDisposable
{
    public const string Export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    public const string ExportMetrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>A message in its frame.</summary>
    public static byte[] Frame(byte[] message, byte flag = 0, uint? length = null)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public Task<GrpcReply> CallAsync(byte[] body, string path = Export, string type = "application/grpc", params (string Name, string Value)[] metadata) =>
        CallAsync(new ByteArrayContent(body), path, type, metadata);

    public async Task<GrpcReply> CallAsync(
        HttpContent body, string path = Export, string type = "application/grpc", params (string Name, string Value)[] metadata)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = body,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        request.Headers.Add("TE", "trailers");
        foreach (var (name, value) in metadata)
            request.Headers.Add(name, value);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpVersion.Version20, response.Version);
        var message = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return new GrpcReply(response, message);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public void Dispose() => _http.Dispose();
}
