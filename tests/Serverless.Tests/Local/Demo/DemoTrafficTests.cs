using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Serverless.Local;

namespace Serverless.Tests.Local.Demo;

public class DemoTrafficTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task It_fills_the_last_quarter_of_an_hour_goes_on_and_stops_when_told()
    {
        var posted = new ConcurrentQueue<(string Path, string Body)>();
        await using var app = await StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            posted.Enqueue((context.Request.Path, await reader.ReadToEndAsync()));
            context.Response.StatusCode = 202;
        });
        using var stop = new CancellationTokenSource(Deadline);
        var traffic = new DemoTraffic(new Uri(app.Urls.First()), TimeProvider.System, seed: 1).RunAsync(stop.Token);
        while (posted.Count < 52 && !stop.IsCancellationRequested)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await traffic;

        Assert.True(posted.Count >= 52, $"only {posted.Count} traces in {Deadline}");
        Assert.Equal(["/api/v2/spans", "/v1/traces"], posted.Select(post => post.Path).Distinct().Order());
        var ages = posted.Where(post => post.Path == "/api/v2/spans")
            .Select(post => DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds(FirstTimestamp(post.Body) / 1000)).ToList();
        Assert.All(ages, age => Assert.InRange(age, TimeSpan.Zero, TimeSpan.FromMinutes(16)));
        Assert.Contains(ages, age => age > TimeSpan.FromMinutes(10));
        Assert.Contains(ages, age => age < TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_system_that_fails_is_reported_once_and_gets_the_trace_later()
    {
        var bodies = new ConcurrentQueue<string>();
        await using var app = await StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            bodies.Enqueue(await reader.ReadToEndAsync());
            context.Response.StatusCode = bodies.Count <= 2 ? 503 : 202;
        });
        var log = new RecordingLogger();
        using var stop = new CancellationTokenSource(Deadline);
        var traffic = new DemoTraffic(new Uri(app.Urls.First()), TimeProvider.System, seed: 1, log).RunAsync(stop.Token);
        while (bodies.Count < 4 && !stop.IsCancellationRequested)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await traffic;

        var first = bodies.Take(4).ToList();
        Assert.Equal(4, first.Count);
        Assert.Equal(first[0], first[1]);
        Assert.Equal(first[0], first[2]);
        Assert.NotEqual(first[0], first[3]);
        Assert.Collection(log.Messages,
            message => Assert.Matches("^The demo's traces are not taken; it goes on trying. POST /.* was answered 503.$", message),
            message => Assert.Equal("The demo's traces are taken again.", message));
    }

    private static long FirstTimestamp(string zipkin) =>
        System.Text.Json.JsonElement.Parse(zipkin)[0].GetProperty("timestamp").GetInt64();

    private static async Task<WebApplication> StartAsync(RequestDelegate handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(handle);
        await app.StartAsync();
        return app;
    }

    private sealed class RecordingLogger : ILogger
    {
        public ConcurrentQueue<string> Messages { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> format) =>
            Messages.Enqueue(format(state, exception));
    }
}
