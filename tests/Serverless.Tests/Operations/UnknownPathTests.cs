using System.Net;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Operations;

[Collection(StoredTracesCollection.Name)]
public sealed class UnknownPathTests(StoredTraces stored)
{
    [Theory]
    [InlineData("GET", "/api/nothing")]
    [InlineData("GET", "/api")]
    [InlineData("GET", "/api/v3/nothing/at/all")]
    [InlineData("POST", "/api/traces/123")]
    [InlineData("DELETE", "/api/services")]
    [InlineData("GET", "/api/v2/nothing")]
    [InlineData("GET", "/nothing")]
    [InlineData("GET", "/jaeger/")]
    [InlineData("GET", "/jaeger/api/services")]
    public async Task An_unknown_path_is_404_in_plain_text(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await stored.App.Client.SendAsync(request, CancellationToken.None);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("404 page not found\n", await answer.Content.ReadAsStringAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_browser_that_goes_to_an_unknown_api_gets_no_page()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/nothing") { Headers = { { "Accept", "text/html,*/*" } } };
        using var answer = await stored.App.Client.SendAsync(request, CancellationToken.None);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("/api/services")]
    [InlineData("/health")]
    [InlineData("/api/v3/services")]
    public async Task Paths_that_are_known_come_first(string path) => Assert.Equal(HttpStatusCode.OK, (await stored.App.GetAsync(path)).Status);
}
