using System.Net;
using Serverless.Functions;
using Serverless.Functions.Querying.Zipkin;

namespace Serverless.Tests.Querying.Zipkin;

/// <summary>Serving a built Zipkin Lens, with a folder that stands in for one.</summary>
public sealed class LensPageTests : IAsyncLifetime
{
    private const string Page = "<html><head><base href=\"/zipkin/\" /><script src=\"./static/index.js\"></script></head></html>";

    private readonly string _folder = Directory.CreateTempSubdirectory("lens-").FullName;
    private QueryApp _app = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "static"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "index.html"), Page, CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(_folder, "static", "index.js"), new string(' ', 5_000) + "start()", CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(_folder, "favicon.ico"), "i", CancellationToken.None);
        _app = await QueryApp.StartAsync("--Tracing:ZipkinLensFolder", _folder, "--Tracing:ZipkinPage:BasePath", "/tracing/zipkin/", "--Tracing:ZipkinPage:Environment", "dev \"1\"");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Every_address_of_the_page_is_the_page_with_its_base()
    {
        foreach (var path in new[] { "", "index.html", "traces/5af7183fb1d4cf5f", "dependency", "traceViewer", "?serviceName=a" })
        {
            var answer = await _app.GetAsync("/zipkin/" + path);
            Assert.Equal(
                (HttpStatusCode.OK, "text/html; charset=utf-8", "max-age=60"), (answer.Status, answer.Header("Content-Type"), answer.Header("Cache-Control")));
            Assert.Equal(Page.Replace("<base href=\"/zipkin/\" />", "<base href=\"/tracing/zipkin/\">"), answer.Text);
        }
    }

    [Fact]
    public async Task What_the_page_is_made_of_is_kept_by_browsers_and_compressed()
    {
        var icon = await _app.GetAsync("/zipkin/favicon.ico");
        Assert.Equal(("image/x-icon", "max-age=31536000", "i"), (icon.Header("Content-Type"), icon.Header("Cache-Control"), icon.Text));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/zipkin/static/index.js") { Headers = { { "Accept-Encoding", "gzip" } } };
        using var script = await _app.Client.SendAsync(request, CancellationToken.None);
        Assert.Equal("gzip", Assert.Single(script.Content.Headers.ContentEncoding));
        Assert.Equal("text/javascript", script.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_page_may_lay_out_its_graph_in_a_worker_made_of_a_blob()
    {
        var policy = (await _app.GetAsync("/zipkin/")).Header("Content-Security-Policy")!.Split("; ");
        Assert.Contains("worker-src 'self' blob:", policy);
        Assert.Contains("script-src 'self' 'unsafe-eval'", policy);
        Assert.Contains("default-src 'self'", policy);
    }

    [Theory]
    [InlineData("static")]
    [InlineData("static/other.js")]
    [InlineData("..%2Findex.html")]
    [InlineData("static/..%2f..%2findex.html")]
    public async Task What_is_not_in_the_folder_is_404(string path) =>
        Assert.Equal((HttpStatusCode.NotFound, "There is no such file.\n"), await StatusAsync(path));

    [Fact]
    public async Task The_path_without_its_slash_leads_to_the_page()
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = _app.Client.BaseAddress };
        using var response = await client.GetAsync("/zipkin?a=b", CancellationToken.None);
        Assert.Equal((HttpStatusCode.Found, "/tracing/zipkin/?a=b"), (response.StatusCode, response.Headers.Location?.ToString()));
    }

    [Fact]
    public async Task The_page_is_told_what_is_set() =>
        Assert.StartsWith("{\"environment\":\"dev \\\"1\\\"\",", (await _app.GetAsync("/zipkin/config.json")).Text, StringComparison.Ordinal);

    [Fact]
    public void A_folder_that_is_none_is_refused_in_words()
    {
        var folder = Path.Combine(_folder, "static");
        var error = Assert.Throws<InvalidDataException>(() => new LensFiles(new TracingSettings { ZipkinLensFolder = folder }));
        Assert.Equal($"The setting Tracing:ZipkinLensFolder names '{folder}', in which there is no index.html: name the folder of a built page, or leave the setting empty.", error.Message);
    }

    private async Task<(HttpStatusCode Status, string Text)> StatusAsync(string path)
    {
        var answer = await _app.GetAsync("/zipkin/" + path);
        return (answer.Status, answer.Text);
    }
}
