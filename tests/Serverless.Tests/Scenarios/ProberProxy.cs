using System.Net;
using Serverless.Tests.Alerting;

namespace Serverless.Tests.Scenarios;

/// <summary>What stands between the prober and the app: it hands on what it gets, or spoils it.</summary>
internal sealed class ProberProxy : IAsyncDisposable
{
    private readonly HookReceiver _server;
    private readonly HttpClient _client = new();

    private ProberProxy(HookReceiver server) => _server = server;

    public string Url => _server.Url;

    /// <summary>The app.</summary>
    public Uri? Target { get; set; }

    /// <summary>Which posts are refused, by their path.</summary>
    public Func<string, bool> Refuses { get; set; } = _ => false;

    /// <summary>What becomes of an answer that was asked for with GET: path, status and text to status and text.</summary>
    public Func<string, HttpStatusCode, string, (HttpStatusCode Status, string Text)> Spoils { get; set; } = (_, status, text) => (status, text);

    public static async Task<ProberProxy> StartAsync()
    {
        var proxy = new ProberProxy(await HookReceiver.StartAsync());
        proxy._server.Answer = async context =>
        {
            var path = context.Request.Path.Value!;
            var isPost = context.Request.Method == "POST";
            if (isPost && proxy.Refuses(path))
            {
                context.Response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
                return;
            }

            using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(proxy.Target!, path + context.Request.QueryString));
            if (isPost)
            {
                // Calls come one after the other: this is the last one.
                request.Content = new ByteArrayContent(proxy._server.Calls.Last().Body);
                request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
            }

            using var response = await proxy._client.SendAsync(request, CancellationToken.None);
            var (status, text) = (response.StatusCode, await response.Content.ReadAsStringAsync(CancellationToken.None));
            if (!isPost)
                (status, text) = proxy.Spoils(path, status, text);
            context.Response.StatusCode = (int)status;
            await context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
        };
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }
}
