using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Functions;
using Serverless.Functions.Accounting;
using Serverless.Local;

namespace Serverless.Tests.Querying;

/// <summary>The whole app on a free port of this process, over a folder of its own that is deleted with it.</summary>
public sealed class QueryApp : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly RunnerHost _host;
    private readonly string _folder;

    private QueryApp(RunnerHost host, string folder, StringWriter errors)
    {
        Errors = errors;
        _host = host;
        _folder = folder;
        Client = new HttpClient { BaseAddress = host.Address };
    }

    public HttpClient Client { get; }

    /// <summary>What the runner said was wrong.</summary>
    public StringWriter Errors { get; }

    public IReadOnlyList<IPEndPoint> UdpAddresses => _host.UdpAddresses;

    public Uri? SamplingAddress => _host.SamplingAddress;

    public AgentStatistics Agent => _host.Services.GetRequiredService<AgentStatistics>();

    public string Folder => _folder;

    public Uri? GrpcAddress => _host.GrpcAddress;

    /// <summary>What the app counts.</summary>
    public SpanCounters Counters => _host.Services.GetRequiredService<SpanCounters>();

    /// <summary>What the app is made of.</summary>
    public IServiceProvider Services => _host.Services;

    public string ConnectionString => _host.Platform.ConnectionString;

    public FaultPlan Faults => _host.Platform.Faults;

    public static async Task<QueryApp> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("query-").FullName;
        var errors = new StringWriter();
        var setup = new RunnerSetup
        {
            Types = FunctionCatalog.TypesOf(typeof(TracingServices).Assembly), Output = TextWriter.Null, Errors = errors,
        };
        var builder = new FunctionsApplicationBuilder(["--port", "0", "--also-ports", "", "--grpc-port", "", "--udp-ports", "", "--sampling-port", "", "--data", folder, .. settings], setup);
        builder.ConfigureFunctionsWebApplication();
        builder.UseMiddleware<ExecutionMiddleware>();
        builder.Logging.ClearProviders();
        builder.Services.AddTracing(builder.Configuration);
        var host = (RunnerHost)builder.Build();
        await host.StartAsync(CancellationToken.None);
        return new QueryApp(host, folder, errors);
    }

    /// <summary>Sends spans and waits until every trace is there.</summary>
    public async Task StoreAsync(string path, string json, params string[] traceIds)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync(path, body, CancellationToken.None);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}: {await response.Content.ReadAsStringAsync(CancellationToken.None)}");
        foreach (var id in traceIds)
            await UntilAsync($"/api/v2/trace/{id}", answer => answer.Status == HttpStatusCode.OK);
    }

    /// <summary>Asks until the answer is as expected.</summary>
    public async Task<QueryAnswer> UntilAsync(string path, Func<QueryAnswer, bool> isExpected)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = await GetAsync(path);
            if (isExpected(answer))
                return answer;
            if (Stopwatch.GetElapsedTime(start) > Deadline)
                Assert.Fail($"Waited {Deadline} in vain for {path}; the last answer: {answer.Status} {answer.Text}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public async Task<QueryAnswer> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path, CancellationToken.None);
        // As they came: parsed headers are put in another order.
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        return new QueryAnswer(response.StatusCode, headers, await response.Content.ReadAsStringAsync(CancellationToken.None));
    }

    /// <summary>The JSON of a successful answer.</summary>
    public async Task<JsonElement> GetJsonAsync(string path)
    {
        var answer = await GetAsync(path);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{path}: {answer.Status} {answer.Text}");
        Assert.Equal("application/json", answer.Header("Content-Type"));
        return answer.Json;
    }

    public Task StopAsync() => _host.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync(CancellationToken.None);
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
