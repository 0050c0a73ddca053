using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Api;

/// <summary>Reads the parameters of our own search; docs/search.md says what each means.</summary>
internal static class SearchParameters
{
    private const int DefaultLimit = 20;
    private const int MostTags = 50;

    private static readonly TimeSpan DefaultLookback = TimeSpan.FromHours(1);
    private static readonly string[] Repeatable = ["tag", "verdict"];

    private static readonly string[] Single =
    [
        "service", "withoutService", "operation", "kind", "remoteService", "status", "error", "minDuration", "maxDuration", "start", "end",
        "match", "strictTraceId", "limit", "cursor",
    ];

    /// <summary>What is asked for.</summary>
    /// <param name="query">The query string.</param>
    /// <param name="now">Where the time ends by default.</param>
    /// <param name="settings">The bounds and defaults.</param>
    /// <exception cref="InvalidQueryException">A parameter is unknown or malformed, or contradicts another.</exception>
    public static TraceFilter Read(IQueryCollection query, DateTimeOffset now, TracingSettings settings)
    {
        var parameters = new ApiParameters(query, Repeatable, Single);
        var cursor = Cursor(parameters, query);
        var end = cursor?.ToNs ?? parameters.Time("end") ?? Nanoseconds(now);
        var start = cursor?.FromNs ?? parameters.Time("start") ?? end - Math.Min(end, (ulong)DefaultLookback.Ticks * 100);
        if (start > end)
            throw ApiParameters.Invalid("start", "lies behind the end");
        var (least, most) = (parameters.Duration("minDuration"), parameters.Duration("maxDuration"));
        if (most < least)
            throw ApiParameters.Invalid("maxDuration", "is less than minDuration");
        var asked = new TraceQuery
        {
            Semantics = Semantics(parameters),
            ServiceName = Service(parameters),
            SpanName = parameters.Text("operation"),
            SpanKind = parameters.Kind("kind"),
            RemoteServiceName = RemoteService(parameters),
            Conditions = Conditions(parameters),
            MinDurationNs = least,
            MaxDurationNs = most,
            StartMinNs = start,
            StartMaxNs = end,
            Limit = parameters.Number("limit", Math.Min(DefaultLimit, settings.MaxSearchTraces), 1, settings.MaxSearchTraces),
        };
        return new TraceFilter(asked, Verdicts(parameters), parameters.Flag("strictTraceId") ?? settings.StrictTraceId, cursor);
    }

    /// <summary>A hash of what a cursor does not carry itself: the same for every page of one search.</summary>
    public static ulong FilterHash(IQueryCollection query) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\n',
        query.Where(parameter => parameter.Key is not ("cursor" or "limit" or "start" or "end" or "code"))
            .OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
            .Select(parameter => $"{parameter.Key}={string.Join('\r', parameter.Value.Order(StringComparer.Ordinal))}")))));

    private static SearchCursor? Cursor(ApiParameters parameters, IQueryCollection query)
    {
        if (parameters.Text("cursor") is not { } text)
            return null;
        var cursor = SearchCursor.Read(text) ?? throw ApiParameters.Invalid("cursor", "is none that an answer gave as nextCursor");
        return cursor.FilterHash == FilterHash(query)
            ? cursor
            : throw ApiParameters.Invalid("cursor", "belongs to a search with other filters; begin without a cursor, or send the filters that it was given for");
    }

    private static QuerySemantics Semantics(ApiParameters parameters) => parameters.Text("match") switch
    {
        null or "span" => QuerySemantics.SameSpan,
        "trace" => QuerySemantics.WholeTrace,
        var text => throw ApiParameters.Invalid("match", $"is span or trace, not '{text}'"),
    };

    private static string? Service(ApiParameters parameters)
    {
        var service = parameters.Text("service");
        if (service is { Length: 0 })
            throw ApiParameters.Invalid("service", "is empty; leave it out for all services, or say withoutService=true for spans whose sender named none");
        if (parameters.Flag("withoutService") is not true)
            return service;
        return service is null ? "" : throw ApiParameters.Invalid("withoutService", "contradicts the parameter 'service'");
    }

    private static string? RemoteService(ApiParameters parameters) =>
        parameters.Text("remoteService") is { Length: 0 } ? throw ApiParameters.Invalid("remoteService", "is empty; leave it out for any") : parameters.Text("remoteService");

    private static List<TagCondition> Conditions(ApiParameters parameters)
    {
        var conditions = parameters.Texts("tag").Take(MostTags + 1).Select(TagExpression.Parse).ToList();
        if (conditions.Count > MostTags)
            throw ApiParameters.Invalid("tag", string.Create(CultureInfo.InvariantCulture, $"is given more than {MostTags} times"));
        if (parameters.Flag("error") is { } error)
            conditions.Add(error ? TagCondition.Error() : TagCondition.NoError());
        if (parameters.Text("status") is { } status)
        {
            conditions.Add(status is "ok" or "error" or "unset"
                ? TagCondition.Status(status)
                : throw ApiParameters.Invalid("status", $"is one of ok, error, unset, not '{status}'"));
        }

        return conditions;
    }

    private static List<VerdictKind> Verdicts(ApiParameters parameters) =>
    [
        .. parameters.Texts("verdict").Distinct().Select(name => VerdictNames.Find(name) ?? throw ApiParameters.Invalid(
            "verdict", $"is one of {string.Join(", ", VerdictNames.All.Select(verdict => verdict.Name))}, not '{name}'")),
    ];

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
