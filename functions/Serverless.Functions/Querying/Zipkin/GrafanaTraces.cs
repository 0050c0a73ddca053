using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>
/// Grafana's list of traces takes each trace's span without a parent and fails as a whole where one has none. For Grafana alone such a
/// trace, whose root is missing, begins with its earliest span that has no parent in the trace.
/// </summary>
internal static class GrafanaTraces
{
    private const string Agent = "Grafana/";

    /// <summary>The request is from Grafana's server.</summary>
    public static bool IsAsking(HttpRequest request) => request.Headers.UserAgent.ToString().StartsWith(Agent, StringComparison.Ordinal);

    /// <summary>The trace with a span that names no parent.</summary>
    public static IReadOnlyList<Span> WithRoot(IReadOnlyList<Span> sent)
    {
        var trace = ParentCircles.Cut(sent);
        if (trace.Count == 0 || trace.Any(span => span.ParentId.IsZero))
            return trace;
        var tree = TraceTree.Build(trace);
        var top = tree[tree.Top];
        return [.. trace.Select(span => ReferenceEquals(span, top) ? span with { ParentId = default } : span)];
    }
}
