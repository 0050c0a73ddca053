using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Operations;

namespace Serverless.Tests.Operations;

public sealed class PageFilesTests : IDisposable
{
    private const string Script = "console.log('a page');";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("serverless-page-");

    public PageFilesTests()
    {
        var assets = _folder.CreateSubdirectory("wwwroot/assets").FullName;
        File.WriteAllText(Path.Combine(Root, "index.html"), "<!doctype html>");
        File.WriteAllText(Path.Combine(assets, "index-1a.js"), Script);
        File.WriteAllText(Path.Combine(assets, "index-1a.js.br"), "brotli");
        File.WriteAllText(Path.Combine(assets, "index-1a.js.gz"), "gzip");
        File.WriteAllText(Path.Combine(_folder.FullName, "secret.js"), "secret");
    }

    private string Root => Path.Combine(_folder.FullName, "wwwroot");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("br, gzip", "br", "brotli")]
    [InlineData("gzip", "gzip", "gzip")]
    [InlineData("br;q=0, gzip;q=0.5", "gzip", "gzip")]
    [InlineData("identity", null, Script)]
    [InlineData(null, null, Script)]
    public async Task An_asset_comes_in_the_best_encoding_that_is_taken(string? accept, string? encoding, string body)
    {
        var answer = await GetAsync("index-1a.js", accept);
        Assert.Equal(200, answer.StatusCode);
        Assert.Equal(encoding, (string?)answer.Headers.ContentEncoding);
        Assert.Equal("text/javascript; charset=utf-8", answer.ContentType);
        Assert.Equal("public, max-age=31536000, immutable", (string?)answer.Headers.CacheControl);
        Assert.Equal("Accept-Encoding", (string?)answer.Headers.Vary);
        Assert.Equal(body, Text(answer));
    }

    [Fact]
    public async Task What_the_browser_has_is_not_sent_again_and_each_encoding_has_a_tag_of_its_own()
    {
        var brotli = (await GetAsync("index-1a.js", "br")).Headers.ETag.ToString();
        var plain = (await GetAsync("index-1a.js", null)).Headers.ETag.ToString();
        Assert.NotEqual(brotli, plain);
        var again = await GetAsync("index-1a.js", "br", $"\"other\", {brotli}");
        Assert.Equal(304, again.StatusCode);
        Assert.Equal("", Text(again));
        Assert.Equal(200, (await GetAsync("index-1a.js", "br", plain)).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../index.html")]
    [InlineData("../../secret.js")]
    [InlineData("..\\..\\secret.js")]
    [InlineData("/index-1a.js")]
    [InlineData("./index-1a.js")]
    [InlineData("INDEX-1A.JS")]
    [InlineData("index-1a.js.br")]
    public async Task Only_what_was_there_at_the_start_can_be_named(string path)
    {
        var answer = await GetAsync(path, null);
        Assert.Equal(404, answer.StatusCode);
        Assert.Equal("There is no such file.\n", Text(answer));
    }

    [Fact]
    public async Task The_page_is_asked_for_again_every_time_and_may_load_nothing_from_elsewhere()
    {
        var answer = await RunAsync(new PageFunction(new PageFiles(Root)).GetRoot, NewContext());
        Assert.Equal("<!doctype html>", Text(answer));
        Assert.Equal("text/html; charset=utf-8", answer.ContentType);
        Assert.Equal("no-cache", (string?)answer.Headers.CacheControl);
        Assert.StartsWith("default-src 'none'; script-src 'self'; ", answer.Headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", answer.Headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_without_the_page_says_how_to_build_it()
    {
        var answer = await RunAsync(new PageFunction(new PageFiles(Path.Combine(_folder.FullName, "none"))).GetRoot, NewContext());
        Assert.Equal(404, answer.StatusCode);
        Assert.Equal(
            "The page was not built with this program. Build it without -p:SkipPage=true, with Node.js 20 or newer installed: "
            + "dotnet build functions/Serverless.Functions. The APIs work without it, for instance /api/services.\n",
            Text(answer));
    }

    [Fact]
    public void A_folder_that_cannot_be_the_page_is_refused()
    {
        for (var i = 0; i < 101; i++)
            File.WriteAllText(Path.Combine(Root, "assets", $"{i}.js"), "");
        var refused = Assert.Throws<InvalidDataException>(() => new PageFiles(Root));
        Assert.Equal($"'{Path.Combine(Root, "assets")}' has 102 files, more than 100: that is not the page's build.", refused.Message);
    }

    private Task<HttpResponse> GetAsync(string path, string? accept, string? tags = null)
    {
        var context = NewContext();
        if (accept is not null)
            context.Request.Headers.AcceptEncoding = accept;
        if (tags is not null)
            context.Request.Headers.IfNoneMatch = tags;
        var function = new PageFunction(new PageFiles(Root));
        return RunAsync(request => function.GetAsset(request, path), context);
    }

    private static DefaultHttpContext NewContext() => new()
    {
        RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider(),
        Response = { Body = new MemoryStream() },
    };

    private static async Task<HttpResponse> RunAsync(Func<HttpRequest, IResult> function, DefaultHttpContext context)
    {
        await function(context.Request).ExecuteAsync(context);
        return context.Response;
    }

    private static string Text(HttpResponse answer) => Encoding.UTF8.GetString(((MemoryStream)answer.Body).ToArray());
}
