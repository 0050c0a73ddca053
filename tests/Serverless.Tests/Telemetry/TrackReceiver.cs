using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Serverless.Tests.Telemetry;

/// <summary>The ingestion endpoint of Application Insights, as far as an exporter sees it.</summary>
internal sealed class TrackReceiver : IAsyncDisposable
{
    private readonly WebApplication _web;

    private TrackReceiver(WebApplication web) => _web = web;

    public ConcurrentQueue<JsonElement> Envelopes { get; } = new();

    public string ConnectionString => $"InstrumentationKey=00000000-0000-0000-0000-000000000001;ingestionendpoint={_web.Urls.Single()}/";

    public string Url => _web.Urls.Single();

    /// <summary>Answers a request in the place of 200.</summary>
    public Func<HttpContext, int, Task>? Answer { get; set; }

    public static async Task<TrackReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        var receiver = new TrackReceiver(web);
        web.Run(receiver.TakeAsync);
        await web.StartAsync(CancellationToken.None);
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _web.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        Assert.Equal("/v2.1/track", context.Request.Path);
        Assert.Equal("gzip", context.Request.Headers.ContentEncoding);
        await using var gzip = new GZipStream(context.Request.Body, CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        var lines = (await reader.ReadToEndAsync(CancellationToken.None)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (Answer is { } answer)
            await answer(context, lines.Length);
        if (context.Response.StatusCode == StatusCodes.Status200OK)
        {
            foreach (var line in lines)
                Envelopes.Enqueue(JsonDocument.Parse(line).RootElement);
        }
    }
}
