using System.Net;
using System.Text;
using Serverless.Functions.Sampling;
using Serverless.Local;
using Serverless.Tests.Querying;

namespace Serverless.Tests.Sampling;

public sealed class SamplingTests
{
    private const string All = """{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1}}""";
    private const string Rate = """{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":42}}""";
    private const string ByOperation = """
        {"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.5},"operationSampling":{"defaultSamplingProbability":0.25,"defaultLowerBoundTracesPerSecond":0.1,"defaultUpperBoundTracesPerSecond":10,"perOperationStrategies":[{"operation":"GET /ä","probabilisticSampling":{"samplingRate":0.75}}]}}
        """;

    [Fact]
    public async Task A_service_has_the_default_until_it_gets_a_strategy_of_its_own()
    {
        await using var app = await QueryApp.StartAsync();
        Assert.Equal(All, await GetAsync(app, "/sampling?service=a/b%20c"));
        Assert.Equal((HttpStatusCode.NoContent, ""), await SendAsync(app, HttpMethod.Put, "?service=a/b%20c", Rate));
        Assert.Equal(Rate, await GetAsync(app, "/sampling?service=a/b%20c"));
        Assert.Equal(Rate, await GetAsync(app, "/api/sampling?service=a/b%20c"));
        Assert.Equal(All, await GetAsync(app, "/sampling?service=a/b"));
        Assert.Equal(All, await GetAsync(app, "/sampling?service="));
        Assert.Equal((HttpStatusCode.NoContent, ""), await SendAsync(app, HttpMethod.Put, "?service=a/b%20c", ByOperation));
        Assert.Equal(ByOperation.Trim(), await GetAsync(app, "/sampling?service=a/b%20c"));
        Assert.Equal((HttpStatusCode.NoContent, ""), await SendAsync(app, HttpMethod.Delete, "?service=a/b%20c"));
        Assert.Equal((HttpStatusCode.NoContent, ""), await SendAsync(app, HttpMethod.Delete, "?service=a/b%20c"));
        Assert.Equal(All, await GetAsync(app, "/sampling?service=a/b%20c"));
    }

    [Fact]
    public async Task Removing_what_never_was_is_fine()
    {
        await using var app = await QueryApp.StartAsync("--Tracing:Sampling:DefaultProbability=0.001");
        Assert.Equal((HttpStatusCode.NoContent, ""), await SendAsync(app, HttpMethod.Delete, "?service=x"));
        Assert.Equal(All.Replace(":1}", ":0.001}"), await GetAsync(app, "/sampling?service=x"));
    }

    [Theory]
    [InlineData("/sampling")]
    [InlineData("/api/sampling?service=a&service=b")]
    public async Task Exactly_one_service_must_be_named(string path)
    {
        await using var app = await QueryApp.StartAsync();
        var answer = await app.GetAsync(path);
        Assert.Equal((HttpStatusCode.BadRequest, "'service' parameter must be provided once\n"), (answer.Status, answer.Text));
        Assert.Equal("text/plain; charset=utf-8", answer.Header("Content-Type"));
        Assert.Equal(
            (HttpStatusCode.BadRequest, Problem("'service' must not be empty; the default is the setting Tracing:Sampling:DefaultProbability.")),
            await SendAsync(app, HttpMethod.Put, "?service=", Rate));
        Assert.Equal(
            (HttpStatusCode.BadRequest, Problem("The body has more than 524288 bytes.")),
            await SendAsync(app, HttpMethod.Put, "?service=a", new string(' ', 600_000)));
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_is_told()
    {
        await using var app = await QueryApp.StartAsync();
        app.Faults.Add(new Fault(FaultOperations.TableQuery, FaultKind.Fail));
        var answer = await app.GetAsync("/sampling?service=a");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.StartsWith("collector error: ", answer.Text);
    }

    [Fact]
    public async Task Only_the_admin_key_sets_a_strategy()
    {
        await using var app = await QueryApp.StartAsync("--require-keys");
        Assert.Equal(All, await GetAsync(app, "/sampling?service=a"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, HttpMethod.Put, "?service=a", Rate)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, HttpMethod.Delete, "?service=a")).Status);
    }

    [Theory]
    [InlineData("", "The body is no JSON: ")]
    [InlineData("[]", "the body must be an object.")]
    [InlineData("{}", "strategyType must be PROBABILISTIC or RATE_LIMITING.")]
    [InlineData("""{"strategyType":0}""", "strategyType must be PROBABILISTIC or RATE_LIMITING.")]
    [InlineData("""{"strategyType":"PROBABILISTIC"}""", "strategyType PROBABILISTIC needs probabilisticSampling.")]
    [InlineData("""{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingrate":1}}""", "probabilisticSampling has 'samplingrate', which is none of samplingRate.")]
    [InlineData("""{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1.1}}""", "probabilisticSampling.samplingRate must be a number from 0 to 1.")]
    [InlineData("""{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":"1"}}""", "probabilisticSampling.samplingRate must be a number from 0 to 1.")]
    [InlineData("""{"strategyType":"PROBABILISTIC","probabilisticSampling":{}}""", "probabilisticSampling needs samplingRate, from 0 to 1.")]
    [InlineData("""{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1},"rateLimitingSampling":{}}""", "strategyType PROBABILISTIC cannot have rateLimitingSampling.")]
    [InlineData("""{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":1.5}}""", "rateLimitingSampling.maxTracesPerSecond must be a whole number from 0 to 32767.")]
    [InlineData("""{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":1},"operationSampling":{}}""", "strategyType RATE_LIMITING cannot have operationSampling.")]
    [InlineData("""{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1},"operationSampling":{}}""", "operationSampling needs defaultSamplingProbability, from 0 to 1.")]
    [InlineData("""{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1},"operationSampling":{"defaultSamplingProbability":1,"perOperationStrategies":{}}}""", "operationSampling.perOperationStrategies must be a list.")]
    [InlineData("""{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1},"operationSampling":{"defaultSamplingProbability":1,"perOperationStrategies":[{"operation":"a","probabilisticSampling":{"samplingRate":1}},{"operation":"a"}]}}""", "operationSampling.perOperationStrategies[1].operation 'a' is there already.")]
    [InlineData("""{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1},"operationSampling":{"defaultSamplingProbability":1,"perOperationStrategies":[{"operation":"a","rateLimitingSampling":{}}]}}""", "operationSampling.perOperationStrategies[0] has 'rateLimitingSampling', which is none of operation, probabilisticSampling.")]
    [InlineData("""{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1},"operationSampling":{"defaultSamplingProbability":1,"perOperationStrategies":[{"operation":""}]}}""", "operationSampling.perOperationStrategies[0].operation must be the name of an operation.")]
    [InlineData("""{"strategyType":"\ud800"}""", "The body has a text that is not valid: ")]
    public void What_cannot_be_a_strategy_is_refused_with_the_reason(string body, string expected)
    {
        var e = Assert.Throws<InvalidStrategyException>(() => SamplingStrategyReader.Read(Encoding.UTF8.GetBytes(body)));
        Assert.StartsWith(expected, e.Message);
    }

    private static async Task<string> GetAsync(QueryApp app, string path) => (await app.GetJsonAsync(path)).GetRawText();

    private static string Problem(string detail) =>
        $"{{\"type\":\"urn:problem-type:serverless-tracing:invalid-request\",\"title\":\"The request cannot be understood.\",\"status\":400,\"detail\":\"{detail}\",\"instance\":\"/api/sampling\"}}";

    private static async Task<(HttpStatusCode Status, string Text)> SendAsync(QueryApp app, HttpMethod method, string query, string? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/sampling" + query);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await app.Client.SendAsync(request, CancellationToken.None);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(CancellationToken.None));
    }
}
