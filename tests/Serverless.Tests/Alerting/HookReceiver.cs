using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Serverless.Tests.Alerting;

/// <summary>A real HTTP server that notes what it is sent, and answers as a test says.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly WebApplication _web;

    private HookReceiver(WebApplication web) => _web = web;

    public ConcurrentQueue<HookCall> Calls { get; } = new();

    /// <summary>Answers a call; the body was read.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    public string Host => new Uri(Url).Authority;

    public string Url => _web.Urls.Single();

    /// <summary>The calls that were answered with success.</summary>
    public IEnumerable<HookCall> Taken => Calls.Where(call => call.IsTaken);

    public static async Task<HookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        var receiver = new HookReceiver(web);
        web.Run(receiver.TakeAsync);
        await web.StartAsync(CancellationToken.None);
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _web.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, CancellationToken.None);
        var call = new HookCall(
            context.Request.Path, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        Calls.Enqueue(call);
        await Answer(context);
        call.IsTaken = context.Response.StatusCode < (int)HttpStatusCode.Ambiguous;
    }

    internal sealed record HookCall(string Path, Dictionary<string, string> Headers, byte[] Body)
    {
        public bool IsTaken { get; set; }

        public string Text => Encoding.UTF8.GetString(Body);

        public JsonElement Json => JsonDocument.Parse(Body).RootElement;
    }
}
