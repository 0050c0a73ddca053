using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>
/// Reads the parameters of Jaeger's legacy API, with Jaeger's defaults and its texts for what is wrong (jaegerquery's
/// query_parser.go). Of a parameter that is given twice the first counts, except <c>tag</c>, <c>tags</c> and <c>traceID</c>.
/// </summary>
internal static class JaegerParameters
{
    private const int DefaultLimit = 100;
    private const long NanosecondsPerMicrosecond = 1_000;

    private static readonly TimeSpan DefaultLookback = TimeSpan.FromDays(2);

    /// <summary>The parameters of a search.</summary>
    /// <param name="parameters">The query string.</param>
    /// <param name="now">Where the time ends by default.</param>
    /// <param name="mostTraces">What a larger limit is lowered to, and how many ids may be asked for.</param>
    /// <exception cref="InvalidQueryException">A parameter is malformed or missing.</exception>
    public static JaegerSearch Search(IQueryCollection parameters, DateTimeOffset now, int mostTraces)
    {
        var start = Time(parameters, "start") ?? Microseconds(now - DefaultLookback);
        var end = Time(parameters, "end") ?? Microseconds(now);
        var conditions = Conditions(parameters);
        var limit = Text(parameters, "limit") is { Length: > 0 } text ? (int)GoText.ParseInt(text, 32) : DefaultLimit;
        var least = Duration(parameters, "minDuration");
        var most = Duration(parameters, "maxDuration");
        var ids = TraceIds(parameters, mostTraces);
        var view = View(parameters);

        var service = Text(parameters, "service");
        if (ids.Count == 0 && service.Length == 0)
            throw ServiceRequired();
        if (limit <= 0)
            throw new InvalidQueryException("'limit' must be greater than 0");
        if (start > end)
            throw new InvalidQueryException("'start' must not be after 'end'");
        if (least is not null && most < least)
            throw new InvalidQueryException("'maxDuration' should be greater than 'minDuration'");
        var query = new TraceQuery
        {
            Semantics = QuerySemantics.SameSpan,
            ServiceName = service,
            SpanName = Text(parameters, "operation") is { Length: > 0 } operation ? operation : null,
            Conditions = conditions,
            MinDurationNs = least,
            MaxDurationNs = most,
            StartMinNs = Nanoseconds(start),
            // The end is inclusive to the microsecond, which is all that an answer tells of a start.
            StartMaxNs = Nanoseconds(end) + (ulong)NanosecondsPerMicrosecond - 1,
            Limit = Math.Min(limit, mostTraces),
        };
        return new JaegerSearch(query, ids, view);
    }

    /// <summary>How a trace is to be shown.</summary>
    /// <exception cref="InvalidQueryException">A parameter is malformed.</exception>
    public static JaegerView Trace(IQueryCollection parameters)
    {
        CheckTimes(parameters);
        return View(parameters);
    }

    /// <summary>Checks the hints when a trace was, which are not needed to find it.</summary>
    /// <exception cref="InvalidQueryException">A parameter is malformed.</exception>
    public static void CheckTimes(IQueryCollection parameters)
    {
        TraceTimes(parameters);
    }

    /// <summary>When a trace that is asked for by its id was: a hint where to look first.</summary>
    /// <exception cref="InvalidQueryException">A parameter is malformed.</exception>
    public static TraceTimes TraceTimes(IQueryCollection parameters) =>
        Querying.TraceTimes.OfMicroseconds(Time(parameters, "start"), Time(parameters, "end"));

    /// <summary>Whether the answer is to be laid out for people.</summary>
    public static bool IsPretty(IQueryCollection parameters) => Text(parameters, "prettyPrint") is not ("" or "false");

    /// <summary>The service whose operations are asked for.</summary>
    /// <exception cref="InvalidQueryException">There is none.</exception>
    public static string RequiredService(IQueryCollection parameters) =>
        Text(parameters, "service") is { Length: > 0 } service ? service : throw ServiceRequired();

    /// <summary>The kind of the operations asked for, or null for all.</summary>
    /// <exception cref="InvalidQueryException">There is no such kind.</exception>
    public static SpanKind? Kind(IQueryCollection parameters) =>
        Text(parameters, "spanKind") is { Length: > 0 } kind ? KindOf(kind) : null;

    /// <summary>The kind that a value of the parameter names.</summary>
    /// <exception cref="InvalidQueryException">There is no such kind; the message names the parameter.</exception>
    public static SpanKind KindOf(string value) => Parse("spanKind", value, Kind);

    /// <summary>The kind of a name.</summary>
    /// <exception cref="InvalidQueryException">There is no such kind.</exception>
    public static SpanKind Kind(string name) => name switch
    {
        "unspecified" => SpanKind.Unspecified,
        "internal" => SpanKind.Internal,
        "server" => SpanKind.Server,
        "client" => SpanKind.Client,
        "producer" => SpanKind.Producer,
        "consumer" => SpanKind.Consumer,
        _ => throw new InvalidQueryException($"unsupported span kind: '{name}'"),
    };

    private static JaegerView View(IQueryCollection parameters) =>
        new(Flag(parameters, "raw"), Text(parameters, "adjust").Length == 0 || Flag(parameters, "adjust"));

    private static List<TagCondition> Conditions(IQueryCollection parameters)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in parameters["tag"])
        {
            var colon = tag!.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                throw new InvalidQueryException($"malformed 'tag' parameter, expecting key:value, received: {tag}");
            values[tag[..colon]] = tag[(colon + 1)..];
        }

        foreach (var tags in parameters["tags"])
            AddTags(tags!, values);
        return [.. values.Select(pair => TagCondition.Equal(pair.Key, pair.Value))];
    }

    private static void AddTags(string tags, Dictionary<string, string> values)
    {
        try
        {
            GoJson.ReadTexts(tags, values);
        }
        catch (InvalidQueryException e)
        {
            throw new InvalidQueryException($"malformed 'tags' parameter, cannot unmarshal JSON: {e.Message}");
        }
    }

    private static List<TraceId> TraceIds(IQueryCollection parameters, int most)
    {
        var ids = new List<TraceId>();
        foreach (var text in parameters["traceID"])
        {
            try
            {
                ids.Add(JaegerTraceId.ParseHex(text!));
            }
            catch (InvalidQueryException e)
            {
                throw new InvalidQueryException($"cannot parse traceID param: {e.Message}");
            }
        }

        return ids.Count <= most ? ids : throw new InvalidQueryException($"{ids.Count} traces are asked for, more than {most}: ask for fewer at a time");
    }

    internal static long? Time(IQueryCollection parameters, string name) =>
        Text(parameters, name) is { Length: > 0 } text ? Parse(name, text, value => GoText.ParseInt(value, 64)) : null;

    // Zero is Jaeger's "not given".
    private static long? Duration(IQueryCollection parameters, string name) =>
        Text(parameters, name) is { Length: > 0 } text && Parse(name, text, GoDuration.Parse) is var value and not 0 ? value : null;

    internal static bool Flag(IQueryCollection parameters, string name) =>
        Text(parameters, name) is { Length: > 0 } text && Parse(name, text, GoText.ParseBool);

    internal static T Parse<T>(string name, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (InvalidQueryException e)
        {
            throw Unparsed(name, e.Message);
        }
    }

    internal static string Text(IQueryCollection parameters, string name) => parameters[name] is [{ } first, ..] ? first : "";

    internal static InvalidQueryException Unparsed(string name, string reason) => new($"unable to parse param '{name}': {reason}");

    private static InvalidQueryException ServiceRequired() => new("parameter 'service' is required");

    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    // Times before 1970 and after 2262 have no spans; they are moved to the ends rather than refused.
    private static ulong Nanoseconds(long microseconds) =>
        (ulong)Math.Clamp(microseconds, 0, long.MaxValue / NanosecondsPerMicrosecond) * (ulong)NanosecondsPerMicrosecond;
}
