using System.Net;
using System.Text.RegularExpressions;
using Serverless.Browser.Harness;

namespace Serverless.Browser;

/// <summary>How the started program serves the page.</summary>
public sealed partial class PageServingTests(PageFixture fixture)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/search?service=a")]
    [InlineData("/trace/4bf92f3577b34da6a3ce929d0e0e4736")]
    public async Task The_page_is_at_each_of_its_addresses(string path)
    {
        await fixture.SkipWithoutPageAsync();
        using var http = fixture.NewClient();
        using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
        Assert.Contains("default-src 'none'; script-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("<title>Traces</title>", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    [InlineData(null)]
    public async Task What_the_page_is_made_of_comes_compressed_and_for_ever(string? encoding)
    {
        await fixture.SkipWithoutPageAsync();
        using var http = fixture.NewClient();
        var html = await http.GetStringAsync("/", TestContext.Current.CancellationToken);
        var script = AssetPath().Match(html).Value;
        using var request = new HttpRequestMessage(HttpMethod.Get, script);
        if (encoding is not null)
            request.Headers.AcceptEncoding.ParseAdd(encoding);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("text/javascript; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.True(answer.Headers.CacheControl!.Public);
        Assert.Contains("immutable", answer.Headers.CacheControl.ToString(), StringComparison.Ordinal);
        if (encoding == "gzip")
            Assert.InRange(answer.Content.Headers.ContentLength!.Value, 1, 60 * 1024);

        using var again = new HttpRequestMessage(HttpMethod.Get, script);
        again.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var unchanged = await http.SendAsync(again, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Theory]
    [InlineData("/assets/")]
    [InlineData("/assets/none.js")]
    [InlineData("/assets/..%2findex.html")]
    [InlineData("/assets/%2e%2e/%2e%2e/host.json")]
    [InlineData("/assets/..%5c..%5chost.json")]
    [InlineData("/assets//etc/passwd")]
    [InlineData("/other")]
    public async Task Nothing_else_can_be_had(string path)
    {
        using var http = fixture.NewClient();
        using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [GeneratedRegex("/assets/[^\"]+\\.js")]
    private static partial Regex AssetPath();
}
