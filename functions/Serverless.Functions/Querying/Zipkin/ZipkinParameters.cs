using System.Globalization;
using System.Numerics;
using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Zipkin;

/// <summary>
/// Reads the parameters of Zipkin's API, with its defaults and its texts for what is wrong (ZipkinQueryApiV2, QueryRequest). Of a
/// parameter that is given twice the first counts.
/// </summary>
internal static class ZipkinParameters
{
    private const int DefaultLimit = 10;
    private const long DefaultLookbackMs = 86_400_000;
    private const int MostTraceIds = 1_000;
    private const long NanosecondsPerMicrosecond = 1_000;
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>The parameters of a search.</summary>
    /// <param name="parameters">The query string.</param>
    /// <param name="now">Where the time ends by default.</param>
    /// <param name="mostTraces">What a larger limit is lowered to.</param>
    /// <exception cref="InvalidQueryException">A parameter is malformed.</exception>
    public static TraceQuery Search(IQueryCollection parameters, DateTimeOffset now, int mostTraces)
    {
        var least = Number<long>(parameters, "minDuration");
        var most = Number<long>(parameters, "maxDuration");
        var endMs = Number<long>(parameters, "endTs") ?? now.ToUnixTimeMilliseconds();
        var lookbackMs = Number<long>(parameters, "lookback") ?? DefaultLookbackMs;
        var limit = Number<int>(parameters, "limit") ?? DefaultLimit;
        Require(endMs > 0, "endTs <= 0");
        Require(limit > 0, "limit <= 0");
        Require(lookbackMs > 0, "lookback <= 0");
        Require(least is null or > 0, "minDuration <= 0");
        Require(least is not null || most is null, "maxDuration is only valid with minDuration");
        Require(most is null || most >= least, "maxDuration < minDuration");
        return new TraceQuery
        {
            Semantics = QuerySemantics.AnySpanOfService,
            ServiceName = Name(parameters, "serviceName"),
            RemoteServiceName = Name(parameters, "remoteServiceName"),
            SpanName = Name(parameters, "spanName") is var name && name == "all" ? null : name,
            Conditions = AnnotationQuery.Parse(Text(parameters, "annotationQuery")),
            // Answers give whole microseconds, and 1 for what is shorter than one: what they give must be found by.
            MinDurationNs = least == 1 ? 1 : Scale(least, NanosecondsPerMicrosecond),
            MaxDurationNs = Scale(most, NanosecondsPerMicrosecond) is { } mostNs ? Math.Min(mostNs, long.MaxValue - 999) + 999 : null,
            StartMinNs = Nanoseconds(endMs - lookbackMs),
            StartMaxNs = Nanoseconds(endMs) + (ulong)NanosecondsPerMicrosecond - 1,
            Limit = Math.Min(limit, mostTraces),
        };
    }

    /// <summary>The window of dependencies, in nanoseconds since 1970, both ends included.</summary>
    /// <exception cref="InvalidQueryException">A parameter is malformed or missing.</exception>
    public static (ulong FromNs, ulong ToNs) Dependencies(IQueryCollection parameters)
    {
        var endMs = Number<long>(parameters, "endTs") ?? throw new InvalidQueryException("Required parameter 'endTs' is missing.");
        var lookbackMs = Number<long>(parameters, "lookback") ?? DefaultLookbackMs;
        Require(endMs > 0, "endTs <= 0");
        Require(lookbackMs > 0, "lookback <= 0");
        return (Nanoseconds(endMs - lookbackMs), Nanoseconds(endMs) + (ulong)NanosecondsPerMicrosecond - 1);
    }

    /// <summary>The service whose names are asked for, in lower case; empty where the caller has chosen none.</summary>
    /// <exception cref="InvalidQueryException">The parameter is missing.</exception>
    public static string RequiredService(IQueryCollection parameters) =>
        parameters.ContainsKey("serviceName")
            ? Text(parameters, "serviceName").ToLowerInvariant()
            : throw new InvalidQueryException("Required parameter 'serviceName' is missing.");

    /// <summary>The attribute whose values are asked for.</summary>
    /// <exception cref="InvalidQueryException">The parameter is missing or empty.</exception>
    public static string RequiredKey(IQueryCollection parameters)
    {
        if (!parameters.ContainsKey("key"))
            throw new InvalidQueryException("Required parameter 'key' is missing.");
        var key = Text(parameters, "key");
        Require(key.Length > 0, "key was empty");
        return key;
    }

    /// <summary>The ids of the traces asked for, at least two.</summary>
    /// <exception cref="InvalidQueryException">The parameter is missing, or an id is malformed or there twice.</exception>
    public static IReadOnlyList<TraceId> TraceIds(IQueryCollection parameters)
    {
        if (!parameters.ContainsKey("traceIds"))
            throw new InvalidQueryException("Required parameter 'traceIds' is missing.");
        var text = Text(parameters, "traceIds");
        Require(text.Length > 0, "traceIds parameter is empty");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var ids = new List<TraceId>();
        // The last of the pieces would hold all the others, and be refused for its length.
        foreach (var piece in text.Split(',', MostTraceIds))
        {
            ids.Add(ZipkinTraceId.Parse(piece, out var normalized));
            Require(seen.Add(normalized), $"redundant traceId: {piece}");
        }

        Require(ids.Count > 1, "Use /api/v2/trace/{traceId} endpoint to retrieve a single trace");
        return ids;
    }

    private static T? Number<T>(IQueryCollection parameters, string name)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (!parameters.ContainsKey(name))
            return null;
        var text = Text(parameters, name);
        return T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidQueryException($"{name} is not an integer from {T.MinValue} to {T.MaxValue}: {text}");
    }

    private static string? Name(IQueryCollection parameters, string name) =>
        Text(parameters, name) is { Length: > 0 } text ? text.ToLowerInvariant() : null;

    private static string Text(IQueryCollection parameters, string name) => parameters[name] is [{ } first, ..] ? first : "";

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidQueryException(otherwise);
    }

    private static long? Scale(long? value, long factor) => value is { } some ? Math.Min(some, long.MaxValue / factor) * factor : null;

    // Times before 1970 and after 2262 have no spans; they are moved to the ends rather than refused.
    private static ulong Nanoseconds(long milliseconds) =>
        (ulong)Math.Clamp(milliseconds, 0, long.MaxValue / NanosecondsPerMillisecond) * (ulong)NanosecondsPerMillisecond;
}
