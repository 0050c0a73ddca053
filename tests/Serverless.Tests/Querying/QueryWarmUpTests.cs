using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Functions;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Jaeger;

namespace Serverless.Tests.Querying;

public sealed class QueryWarmUpTests
{
    [Fact]
    public async Task A_trace_is_answered_to_nobody_and_nothing_is_left_of_it()
    {
        await using var app = await QueryApp.StartAsync();
        var settings = app.Services.GetRequiredService<TracingSettings>();
        using var warmUp = new QueryWarmUp(app.Services.GetRequiredService<JaegerTraces>(), settings, TimeProvider.System, NullLogger<QueryWarmUp>.Instance);
        await warmUp.WarmUpAsync(TestContext.Current.CancellationToken);
        Assert.Equal("""{"data":[],"total":0,"limit":0,"offset":0,"errors":null}""", (await app.Client.GetStringAsync("/api/services", TestContext.Current.CancellationToken)).Trim());
        Assert.Equal(settings.LargeTracesAtOnce, app.Services.GetRequiredService<TraceStreams>().FreePlaces);
        Assert.Equal("", app.Errors.ToString());
    }
}
