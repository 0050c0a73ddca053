using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Serverless.Functions.Accounting;

/// <summary>Counts the requests that Jaeger's own metrics count, by function, status and how long they took until all was sent.</summary>
public sealed class QueryMeter(WorkCounts work, TimeProvider clock)
{
    /// <summary>The upper bounds of the buckets, in seconds.</summary>
    internal static readonly double[] BoundsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>Jaeger's names for what functions do (its metric <c>jaeger_query_requests_total</c>), and their routes.</summary>
    internal static readonly FrozenDictionary<string, (string Operation, string Route)> Functions = new Dictionary<string, (string, string)>
    {
        ["jaeger-search"] = ("find_traces", "/api/traces"),
        ["jaeger-trace"] = ("get_trace", "/api/traces/{traceID}"),
        ["jaeger-services"] = ("get_services", "/api/services"),
        ["jaeger-service-operations"] = ("get_operations", "/api/services/{service}/operations"),
        ["jaeger-operations"] = ("get_operations", "/api/operations"),
        ["jaeger-dependencies"] = ("get_dependencies", "/api/dependencies"),
        ["jaeger-v3-traces"] = ("find_traces", "/api/v3/traces"),
        ["jaeger-v3-trace"] = ("get_trace", "/api/v3/traces/{trace_id}"),
        ["jaeger-v3-services"] = ("get_services", "/api/v3/services"),
        ["jaeger-v3-operations"] = ("get_operations", "/api/v3/operations"),
        ["sampling-agent"] = ("", "/sampling"),
        ["sampling"] = ("", "/api/sampling"),
    }.ToFrozenDictionary();

    /// <summary>Counts the request when it is over, if it is one of these.</summary>
    public void Watch(string function, HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (!Functions.ContainsKey(function))
            return;
        var began = clock.GetTimestamp();
        http.Response.OnCompleted(() =>
        {
            var elapsed = clock.GetElapsedTime(began);
            work.Add(WorkCounts.Queries, LabelOf(function, http.Response.StatusCode, elapsed.TotalSeconds));
            work.Add(WorkCounts.QueryMicroseconds, string.Create(CultureInfo.InvariantCulture, $"{function}|{http.Response.StatusCode}"), (long)elapsed.TotalMicroseconds);
            return Task.CompletedTask;
        });
    }

    /// <summary>The label of a count.</summary>
    internal static string LabelOf(string function, int status, double seconds)
    {
        var bucket = Array.FindIndex(BoundsSeconds, bound => seconds <= bound);
        return string.Create(CultureInfo.InvariantCulture, $"{function}|{status}|{(bucket < 0 ? BoundsSeconds.Length : bucket)}");
    }

    /// <summary>What a label says.</summary>
    internal static (string Function, string Status, int Bucket) Read(string label)
    {
        var parts = label.Split('|');
        return (parts[0], parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
