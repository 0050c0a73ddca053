using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Local;

namespace Serverless.Tests.Local.Functions;

public sealed class FunctionKeyTests : IDisposable
{
    private readonly string _folder = TestRunner.NewFolder();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string KeyFile => Path.Combine(_folder, "keys.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Keys_are_not_asked_for_by_default()
    {
        await using var runner = await TestRunner.StartAsync([typeof(Levels)], _folder);
        Assert.Equal("admin", await runner.Client.GetStringAsync("/api/top", Cancellation));
        Assert.False(File.Exists(KeyFile));
    }

    [Fact]
    public async Task Each_level_takes_the_keys_that_the_host_takes()
    {
        await using var runner = await StartAsync();
        using var stored = JsonDocument.Parse(await File.ReadAllBytesAsync(KeyFile, Cancellation));
        var master = stored.RootElement.GetProperty("master").GetString();
        var host = stored.RootElement.GetProperty("host").GetProperty("default").GetString();
        string? Own(string function) => stored.RootElement.GetProperty("functions").GetProperty(function).GetProperty("default").GetString();

        // none, wrong, own, of another function, host, master
        string?[] keys = [null, "wrong", Own("own"), Own("level-missing"), host, master];
        Assert.Equal("200 200 200 200 200 200", await Statuses("open", keys));
        Assert.Equal("401 401 200 401 200 200", await Statuses("own", keys));
        Assert.Equal("401 401 401 200 200 200", await Statuses("level-missing", keys));
        Assert.Equal("401 401 401 401 401 200", await Statuses("system", keys));
        Assert.Equal("401 401 401 401 401 200", await Statuses("top", keys));

        async Task<string> Statuses(string function, string?[] shown)
        {
            var statuses = new List<int>();
            foreach (var key in shown)
            {
                using var answer = await GetAsync(runner, function, key, null);
                statuses.Add((int)answer.StatusCode);
            }

            return string.Join(' ', statuses);
        }
    }

    [Fact]
    public async Task The_header_comes_first_and_a_wrong_one_is_not_rescued_by_the_query()
    {
        await using var runner = await StartAsync();
        using var stored = JsonDocument.Parse(await File.ReadAllBytesAsync(KeyFile, Cancellation));
        var key = stored.RootElement.GetProperty("master").GetString();
        using var query = await GetAsync(runner, "own", null, key);
        Assert.Equal(HttpStatusCode.OK, query.StatusCode);
        using var right = await GetAsync(runner, "own", key, "wrong");
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        using var wrong = await GetAsync(runner, "own", "wrong", key);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal("", await wrong.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task The_file_is_the_users_own_is_told_once_and_kept()
    {
        await using (var runner = await StartAsync())
            Assert.Contains($"The functions' keys are in {KeyFile}\n", runner.Output.ToString());
        var before = await File.ReadAllTextAsync(KeyFile, Cancellation);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        await using (var runner = await StartAsync())
            Assert.DoesNotContain("keys are in", runner.Output.ToString());
        Assert.Equal(before, await File.ReadAllTextAsync(KeyFile, Cancellation));
    }

    [Fact]
    public async Task A_damaged_file_stops_the_start()
    {
        await File.WriteAllTextAsync(KeyFile, "{", Cancellation);
        var e = await Assert.ThrowsAsync<LocalPlatformException>(StartAsync);
        Assert.StartsWith($"The file of function keys '{KeyFile}' cannot be used: ", e.Message);
        Assert.EndsWith("Repair it, or delete it to have new keys made.", e.Message);
    }

    private Task<TestRunner> StartAsync() => TestRunner.StartAsync([typeof(Levels)], _folder, args: ["--require-keys"]);

    private static Task<HttpResponseMessage> GetAsync(TestRunner runner, string function, string? header, string? query)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/{function}{(query is null ? "" : $"?code={query}")}");
        if (header is not null)
            request.Headers.Add("x-functions-key", header);
        return runner.Client.SendAsync(request, Cancellation);
    }

    public sealed class Levels
    {
        [Function("open")]
        public IResult Open([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => Results.Text("open");

        [Function("own")]
        public IResult Own([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest request) => Results.Text("own");

        [Function("level-missing")]
        public IResult LevelMissing([HttpTrigger("get")] HttpRequest request) => Results.Text("level missing");

        [Function("system")]
        public IResult System([HttpTrigger(AuthorizationLevel.System, "get")] HttpRequest request) => Results.Text("system");

        [Function("top")]
        public IResult Admin([HttpTrigger(AuthorizationLevel.Admin, "get")] HttpRequest request) => Results.Text("admin");
    }
}
