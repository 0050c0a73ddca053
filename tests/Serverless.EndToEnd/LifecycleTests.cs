using System.Net;
using System.Text.Json;
using Serverless.EndToEnd.Harness;

namespace Serverless.EndToEnd;

public sealed class LifecycleTests
{
    private const int Seed = 77;
    private const int Connections = 6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_told_so()
    {
        using var folder = new TestFolder();
        await using var first = await SystemProcess.StartAsync(folder.Path);
        await using var second = SystemProcess.Launch(folder.Path);
        Assert.Equal(1, await second.ExitAsync());
        Assert.Equal(
            $"The data folder '{folder.Path}' is in use by another process. Stop it, or choose another folder with --data.", second.Output.Trim());
        Assert.Equal(HttpStatusCode.OK, (await HealthAsync(first)).Status);
    }

    [Fact]
    public async Task A_taken_port_is_told()
    {
        using var folder = new TestFolder();
        using var other = new TestFolder();
        await using var first = await SystemProcess.StartAsync(folder.Path);
        await using var second = SystemProcess.Launch(other.Path, ["--port", $"{first.Address.Port}"]);
        Assert.Equal(1, await second.ExitAsync());
        Assert.Equal($"Port {first.Address.Port} is taken by another program. Stop it, or choose another with --port.", second.Output.Trim());
    }

    [Theory]
    [InlineData("")]
    [InlineData("table.transaction:fail:0.3;hub.send:delay:0.5:50")]
    public async Task SIGTERM_under_load_ends_in_order_and_the_next_start_has_everything(string faults)
    {
        using var folder = new TestFolder();
        var load = new SpanLoad(new SpanSource(Seed, DateTimeOffset.UtcNow.AddMinutes(-5)), Connections);
        for (var stop = 0; stop < 3; stop++)
        {
            await using var stopped = await SystemProcess.StartAsync(folder.Path, ["--faults", faults]);
            var before = load.Acknowledged;
            var running = load.RunAsync(stopped.Address, most: null, Token);
            while (load.Acknowledged < before + 50 && !running.IsCompleted)
                await Task.Delay(5, Token);
            var exitCode = await stopped.StopAsync();
            await running;
            Assert.True(exitCode == 0, $"Exit code {exitCode}:\n{stopped.Output}");
            await Assert.ThrowsAsync<HttpRequestException>(() => HealthAsync(stopped));
        }

        await using var system = await SystemProcess.StartAsync(folder.Path);
        await load.RunAsync(system.Address, most: 0, Token);
        await new SpanCheck(load, system.Address).AssertAsync(", stopped 3 times");
    }

    [Fact]
    public async Task SIGTERM_while_the_tables_fail_ends_soon_and_the_next_start_has_everything()
    {
        using var folder = new TestFolder();
        var load = new SpanLoad(new SpanSource(Seed, DateTimeOffset.UtcNow.AddMinutes(-5)), Connections);
        await using (var stopped = await SystemProcess.StartAsync(folder.Path, ["--faults", "table.*:fail"]))
        {
            await load.RunAsync(stopped.Address, most: 40, Token);
            Assert.Equal(0, await stopped.StopAsync());
        }

        await using var system = await SystemProcess.StartAsync(folder.Path);
        await new SpanCheck(load, system.Address).AssertAsync(", assembled by the second process alone");
    }

    [Fact]
    public async Task Health_says_of_each_dependency_that_it_works()
    {
        using var folder = new TestFolder();
        await using var system = await SystemProcess.StartAsync(folder.Path);
        var (status, health) = await HealthAsync(system);
        using (health)
        {
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal("up", health.RootElement.GetProperty("status").GetString());
            Assert.Equal(["hub up", "tables up"], Dependencies(health));
        }
    }

    [Theory]
    [InlineData("table.manage:fail", "hub up", "tables down")]
    [InlineData("hub.properties:fail", "hub down", "tables up")]
    public async Task Health_says_which_dependency_fails(string fault, string hub, string tables)
    {
        using var folder = new TestFolder();
        await using var system = await SystemProcess.StartAsync(folder.Path, ["--faults", fault]);
        var (status, health) = await HealthAsync(system);
        using (health)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.Equal("urn:problem-type:serverless-tracing:unhealthy", health.RootElement.GetProperty("type").GetString());
            Assert.Equal(503, health.RootElement.GetProperty("status").GetInt32());
            Assert.Equal([hub, tables], Dependencies(health));
        }
    }

    private static IEnumerable<string> Dependencies(JsonDocument health) =>
        health.RootElement.GetProperty("dependencies").EnumerateArray()
            .Select(dependency => $"{dependency.GetProperty("name").GetString()} {dependency.GetProperty("status").GetString()}");

    private static async Task<(HttpStatusCode Status, JsonDocument Health)> HealthAsync(SystemProcess system)
    {
        using var http = new HttpClient { BaseAddress = system.Address };
        using var answer = await http.GetAsync("health", Token);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)));
    }
}
