using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Aggregation;

public sealed class CallPathsTests
{
    [Fact]
    public void A_path_has_a_step_for_each_service_entered_and_each_server_span()
    {
        var paths = new CallPaths();
        paths.Add(AssembledTrace.Assemble(
        [
            Of(1, 0, "web", SpanKind.Server, name: "GET /"), Of(2, 1, "web", name: "render"), Of(3, 2, "web", SpanKind.Client, name: "call"),
            Of(4, 3, "app", SpanKind.Server, name: "handle"), Of(5, 4, "app", SpanKind.Server, name: "again"), Of(6, 1, "web", name: "log"),
        ]));

        Assert.Equal(["web GET /", "web GET /, app handle, app again"], Texts(paths.Through("web", null, 10)));
        Assert.Equal(["web GET /, app handle, app again"], Texts(paths.Through("app", "again", 10)));
        Assert.Empty(paths.Through("app", "GET /", 10));
        Assert.Empty(paths.Through("db", null, 10));
    }

    [Fact]
    public void Traces_that_take_the_same_way_are_examples_of_one_path()
    {
        var paths = new CallPaths();
        for (var i = 1UL; i <= 9; i++)
            paths.Add(AssembledTrace.Assemble([Of(1, 0, "a", trace: new TraceId(0, i)), Of(2, 1, "b", trace: new TraceId(0, i))]));

        var path = Assert.Single(paths.Through("b", null, 10));
        Assert.Equal(Enumerable.Range(1, CallPaths.MaxExamples).Select(i => new TraceId(0, (ulong)i)), path.Examples);
    }

    [Fact]
    public void A_chain_of_very_many_services_ends_at_the_bound()
    {
        var paths = new CallPaths();
        paths.Add(AssembledTrace.Assemble([.. Enumerable.Range(1, 20_000).Select(i => Of((ulong)i, (ulong)i - 1, $"s{i}", at: i))]));

        Assert.Equal(CallPaths.MaxSteps, Assert.Single(paths.Through("s1", null, 10)).Steps.Count);
    }

    private static IEnumerable<string> Texts(IReadOnlyList<CallPath> paths) =>
        paths.Select(path => string.Join(", ", path.Steps.Select(step => $"{step.Service} {step.Operation}")));
}
