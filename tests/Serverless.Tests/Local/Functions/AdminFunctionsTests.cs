using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Tests.Local.Functions;

public sealed class AdminFunctionsTests : IDisposable
{
    private readonly string _folder = TestRunner.NewFolder();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_timer_function_is_run_once_when_asked_to()
    {
        await using var runner = await TestRunner.StartAsync([typeof(Seldom)], _folder);
        Assert.Equal((HttpStatusCode.Accepted, ""), await PostAsync(runner, "seldom", "{\"input\": \"\"}"));
        await runner.Probe.UntilAsync(1);
        Assert.Equal(["ran"], runner.Probe.Notes);
    }

    [Fact]
    public async Task What_cannot_be_run_is_refused_with_the_reason()
    {
        await using var runner = await TestRunner.StartAsync([typeof(Seldom)], _folder);
        Assert.Equal((HttpStatusCode.NotFound, "There is no function 'other'."), await PostAsync(runner, "other", "{}"));
        Assert.Equal(
            (HttpStatusCode.BadRequest, "Function 'page' has no timer: send it a request, or an event to its hub."), await PostAsync(runner, "page", "{}"));
        foreach (var body in new[] { "", "nothing", "[]" })
            Assert.Equal((HttpStatusCode.BadRequest, "The body must be a JSON object, as {\"input\": \"\"}."), await PostAsync(runner, "seldom", body));
        using var get = await runner.Client.GetAsync("/admin/functions/seldom", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, get.StatusCode);
        Assert.Empty(runner.Probe.Notes);
    }

    [Fact]
    public async Task Where_keys_are_required_it_takes_the_master_key()
    {
        await using var runner = await TestRunner.StartAsync([typeof(Seldom)], _folder, args: ["--require-keys"]);
        using var stored = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_folder, "keys.json"), Cancellation));
        var host = stored.RootElement.GetProperty("host").GetProperty("default").GetString();
        var master = stored.RootElement.GetProperty("master").GetString();
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(runner, "seldom", "{}")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(runner, "seldom", "{}", host)).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(runner, "seldom", "{}", master)).Status);
    }

    private static async Task<(HttpStatusCode Status, string Text)> PostAsync(TestRunner runner, string function, string body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/admin/functions/{function}");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (key is not null)
            request.Headers.Add("x-functions-key", key);
        using var answer = await runner.Client.SendAsync(request, Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    internal sealed class Seldom(TestProbe probe)
    {
        [Function("seldom")]
        public Task RunAsync([TimerTrigger("0 0 0 1 1 *")] TimerInfo timer) => probe.NoteAsync("ran");

        [Function("page")]
        public IResult Page([HttpTrigger("get")] HttpRequest request) => Results.Text("page");
    }
}
