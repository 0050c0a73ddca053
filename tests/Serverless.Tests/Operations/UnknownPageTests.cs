using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Functions.Operations;

namespace Serverless.Tests.Operations;

public sealed class UnknownPageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unknown-page-").FullName;

    public UnknownPageTests() => File.WriteAllText(Path.Combine(_folder, "index.html"), "<!doctype html>");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", 200, "<!doctype html>")]
    [InlineData("*/*", 404, "404 page not found\n")]
    [InlineData("image/png", 404, "404 page not found\n")]
    [InlineData("", 404, "404 page not found\n")]
    public async Task An_unknown_address_is_the_page_for_a_browser_that_goes_there_and_404_for_others(string accept, int status, string body)
    {
        using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = services, Response = { Body = new MemoryStream() } };
        http.Request.Headers.Accept = accept;
        await new UnknownPathFunctions(new PageFiles(_folder)).GetUnknownPage(http.Request, "dependencies").ExecuteAsync(http);
        Assert.Equal(status, http.Response.StatusCode);
        http.Response.Body.Position = 0;
        using var reader = new StreamReader(http.Response.Body);
        Assert.Equal(body, await reader.ReadToEndAsync(CancellationToken.None));
    }
}
