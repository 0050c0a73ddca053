using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Jaeger.V3;

/// <summary>
/// Reads the parameters of Jaeger's API v3, by their canonical names or else by the deprecated ones, with Jaeger's defaults and its texts
/// for what is wrong (apiv3's query_parser.go). An empty value is none.
/// </summary>
internal static class JaegerV3Parameters
{
    private const long NanosecondsPerMicrosecond = 1_000;

    private const uint DefaultDepth = 100;
    private const string TimeMin = "query.startTimeMin";
    private const string TimeMax = "query.startTimeMax";
    private const string Attributes = "query.attributes";
    private const string Filter = "query.filter";

    /// <summary>The parameters of a search.</summary>
    /// <param name="parameters">The query string.</param>
    /// <param name="mostTraces">What a larger depth is lowered to.</param>
    /// <exception cref="InvalidQueryException">A parameter is malformed or missing.</exception>
    public static (TraceQuery Query, JaegerView View) Search(IQueryCollection parameters, int mostTraces)
    {
        var service = Text(parameters, "query.serviceName", "query.service_name").Value;
        // Some releases of Jaeger's page send query.span_name.
        var operation = Text(parameters, "query.operationName", "query.operation_name", "query.span_name").Value;
        var conditions = Conditions(Text(parameters, Attributes).Value);
        if (Text(parameters, Filter).Value.Length > 0)
        {
            throw new InvalidQueryException(
                $"the structured query filter is disabled (Jaeger's feature gate jaeger.query.structuredFilters is off here): leave {Filter} out, and use "
                + $"query.serviceName, query.operationName, query.durationMin, query.durationMax and {Attributes}");
        }

        if (Text(parameters, "query.pagination.pageSize", "query.pagination.pageToken") is { Value.Length: > 0 } page)
        {
            throw new InvalidQueryException(
                $"{page.Name} is not offered (see /api/v3/capabilities): use query.searchDepth, or a shorter time, or the pages of /query/v1/traces");
        }

        var start = Value(parameters, Rfc3339.Parse, TimeMin, "query.start_time_min");
        var end = Value(parameters, Rfc3339.Parse, TimeMax, "query.start_time_max");
        if (start is null || end is null)
            throw new InvalidQueryException($"{TimeMin} and {TimeMax} are required");
        var depth = Value(parameters, Depth, "query.searchDepth", "query.search_depth", "query.num_traces") ?? DefaultDepth;
        // Zero is Jaeger's "not given".
        var least = Value(parameters, GoDuration.Parse, "query.durationMin", "query.duration_min") is { } min and not 0 ? min : (long?)null;
        var most = Value(parameters, GoDuration.Parse, "query.durationMax", "query.duration_max") is { } max and not 0 ? max : (long?)null;
        var isRaw = Value(parameters, GoText.ParseBool, "query.rawTraces", "query.raw_traces") ?? false;
        if (start >= end)
            throw new InvalidQueryException($"{TimeMin} must be before {TimeMax}");
        return (new TraceQuery
        {
            Semantics = QuerySemantics.SameSpan,
            ServiceName = service.Length > 0 ? service : null,
            SpanName = operation.Length > 0 ? operation : null,
            Conditions = conditions,
            MinDurationNs = least,
            MaxDurationNs = most,
            StartMinNs = start.Value,
            StartMaxNs = end.Value,
            Limit = (int)Math.Min(depth, (uint)mostTraces),
        }, JaegerView.Adjusted with { IsRaw = isRaw });
    }

    /// <summary>How a trace is to be shown.</summary>
    /// <exception cref="InvalidQueryException">A parameter is malformed.</exception>
    public static JaegerView Trace(IQueryCollection parameters) =>
        JaegerView.Adjusted with { IsRaw = Value(parameters, GoText.ParseBool, "rawTraces", "raw_traces") ?? false };

    /// <summary>When a trace that is asked for by its id was: a hint where to look first.</summary>
    /// <exception cref="InvalidQueryException">A parameter is malformed.</exception>
    public static TraceTimes TraceTimes(IQueryCollection parameters) =>
        Querying.TraceTimes.OfMicroseconds(
            (long?)Value(parameters, Rfc3339.Parse, "startTime", "start_time") / NanosecondsPerMicrosecond,
            (long?)Value(parameters, Rfc3339.Parse, "endTime", "end_time") / NanosecondsPerMicrosecond);

    /// <summary>The window of the dependencies.</summary>
    /// <exception cref="InvalidQueryException">A parameter is malformed or missing; the message has its canonical name, whichever was used.</exception>
    public static (ulong Start, ulong End) Window(IQueryCollection parameters)
    {
        var start = Text(parameters, "startTime", "start_time").Value;
        var end = Text(parameters, "endTime", "end_time").Value;
        if (start.Length == 0 || end.Length == 0)
            throw new InvalidQueryException("startTime and endTime are required");
        var (from, to) = (Parse("startTime", start, Rfc3339.Parse), Parse("endTime", end, Rfc3339.Parse));
        return from < to ? (from, to) : throw new InvalidQueryException("endTime must be after startTime");
    }

    /// <summary>The trace that a path names.</summary>
    /// <exception cref="InvalidQueryException">It is no id.</exception>
    public static TraceId TraceId(string segment) => Parse("trace_id", segment, JaegerTraceId.ParsePath);

    /// <summary>The kind of the operations asked for, or null for all.</summary>
    /// <exception cref="InvalidQueryException">There is no such kind.</exception>
    public static SpanKind? Kind(IQueryCollection parameters)
    {
        var (name, kind) = Text(parameters, "spanKind", "span_kind");
        return kind.Length == 0 ? null : Parse(name, kind, JaegerParameters.Kind);
    }

    private static IReadOnlyList<TagCondition> Conditions(string attributes)
    {
        if (attributes.Length == 0)
            return [];
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        Parse(Attributes, attributes, text =>
        {
            GoJson.ReadTexts(text, values);
            return true;
        });
        return [.. values.Select(pair => TagCondition.Equal(pair.Key, pair.Value))];
    }

    private static uint Depth(string text)
    {
        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var depth))
            throw new InvalidQueryException($"strconv.ParseUint: parsing {GoText.Quote(text)}: invalid syntax");
        return depth > 0 ? depth : throw new InvalidQueryException("it must be greater than 0");
    }

    private static T? Value<T>(IQueryCollection parameters, Func<string, T> parse, params ReadOnlySpan<string> names)
        where T : struct
    {
        var (name, value) = Text(parameters, names);
        return value.Length == 0 ? null : Parse(name, value, parse);
    }

    private static T Parse<T>(string name, string value, Func<string, T> parse)
    {
        try
        {
            return parse(value);
        }
        catch (InvalidQueryException e)
        {
            throw new InvalidQueryException($"malformed parameter {name}: {e.Message}");
        }
    }

    private static (string Name, string Value) Text(IQueryCollection parameters, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (parameters[name] is [{ Length: > 0 } first, ..])
                return (name, first);
        }

        return (names[0], "");
    }
}
