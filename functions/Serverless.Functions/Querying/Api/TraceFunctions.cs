using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Functions.Querying.Api;

/// <summary>Our own API: one trace, as a whole and in parts.</summary>
public sealed class TraceFunctions(TraceViews views, TracingSettings settings)
{
    private const int DefaultSpans = 1_000;
    private const int MostSpans = 10_000;

    private static readonly string[] Common = ["adjust", "strictTraceId", "start", "end"];

    /// <summary>A trace with everything that is known of it; its spans in the order of the tree, in pages.</summary>
    [Function("query-trace")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/traces/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        ApiAnswers.AnswerAsync(async () =>
        {
            var (traceId, parameters) = ParametersOf(request, id, ["limit", "cursor"]);
            var limit = parameters.Number("limit", DefaultSpans, 1, MostSpans);
            var open = await views.OpenAsync(traceId, Strict(parameters), parameters.Flag("adjust") ?? true, cancellation);
            if (open is null)
                return ApiAnswers.NotFound(id);
            request.HttpContext.Response.RegisterForDispose(open);
            var tree = open.View.Trace.Tree;
            var checksum = SpanCursor.Of(tree);
            var from = 0;
            if (parameters.Text("cursor") is { } text)
            {
                var cursor = SpanCursor.Read(text) ?? throw ApiParameters.Invalid("cursor", "is none that an answer gave as nextCursor");
                if (cursor.Tree != checksum || cursor.Place >= tree.Count)
                    return new ProblemAnswer(ProblemType.Changed, "Spans have come since the first page, so that the order is another; begin again without a cursor.") { Parameter = "cursor" };
                from = cursor.Place;
            }

            var next = from + limit < tree.Count ? new SpanCursor(from + limit, checksum).ToString() : null;
            return new JsonAnswer(pieces => WriteAsync(pieces, open, from, limit, next)) { TimeLimit = open.IsLarge ? views.TimeLimit : null };
        });

    /// <summary>What is said of a trace, with the evidence.</summary>
    [Function("query-trace-verdicts")]
    public Task<IResult> GetVerdictsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/traces/{id}/verdicts")] HttpRequest request, string id, CancellationToken cancellation) =>
        AnswerAsync(request, id, view => JsonAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("traceId"u8, view.Trace.Summary.TraceId.ToString());
            TraceJson.WriteFinalized(json, view.Finalized);
            TraceJson.WriteVerdicts(json, view.Trace.Verdicts);
            json.WriteEndObject();
        }), cancellation);

    /// <summary>What decided how long a trace took.</summary>
    [Function("query-trace-critical-path")]
    public Task<IResult> GetCriticalPathAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/traces/{id}/critical-path")] HttpRequest request, string id, CancellationToken cancellation) =>
        AnswerAsync(request, id, view => JsonAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("traceId"u8, view.Trace.Summary.TraceId.ToString());
            TraceJson.WriteCriticalPath(json, view.Trace);
            json.WriteEndObject();
        }), cancellation);

    /// <summary>
    /// Where a service received a call in one trace and opened another with its own: both sides of each such break, with what their traces are.
    /// </summary>
    [Function("query-trace-fragments")]
    public Task<IResult> GetFragmentsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "query/v1/traces/{id}/fragments")] HttpRequest request, string id, CancellationToken cancellation) =>
        ApiAnswers.AnswerAsync(async () =>
        {
            var (view, parameters) = await ReadAsync(request, id, cancellation);
            if (view is null)
                return ApiAnswers.NotFound(id);
            var known = new Dictionary<TraceId, TraceView?> { [view.Trace.Summary.TraceId] = view };
            foreach (var call in view.Breaks.SelectMany(found => new[] { found.Received, found.Opened }))
            {
                if (!known.ContainsKey(call.TraceId))
                    known[call.TraceId] = await views.ReadAsync(call.TraceId, Strict(parameters), adjusts: true, cancellation);
            }

            return JsonAnswer.Of(json => FragmentsJson.Write(json, view, known));
        });

    private Task<IResult> AnswerAsync(
        HttpRequest request, string id, Func<TraceView, IResult> answer, CancellationToken cancellation) =>
        ApiAnswers.AnswerAsync(async () =>
        {
            var (view, _) = await ReadAsync(request, id, cancellation);
            return view is null ? ApiAnswers.NotFound(id) : answer(view);
        });

    private async Task<(TraceView? View, ApiParameters Parameters)> ReadAsync(HttpRequest request, string id, CancellationToken cancellation)
    {
        var (traceId, parameters) = ParametersOf(request, id, []);
        return (await views.ReadAsync(traceId, Strict(parameters), parameters.Flag("adjust") ?? true, cancellation), parameters);
    }

    private static (TraceId Id, ApiParameters Parameters) ParametersOf(HttpRequest request, string id, string[] further)
    {
        ArgumentNullException.ThrowIfNull(request);
        var traceId = ApiParameters.TraceIdOf(id);
        var parameters = new ApiParameters(request.Query, [], [.. Common, .. further]);
        // A trace is found without; they only have to make sense.
        if (parameters.Time("start") > parameters.Time("end"))
            throw ApiParameters.Invalid("start", "lies behind the end");
        return (traceId, parameters);
    }

    private bool Strict(ApiParameters parameters) => parameters.Flag("strictTraceId") ?? settings.StrictTraceId;

    private static async Task WriteAsync(JsonPieces pieces, OpenTrace open, int from, int limit, string? next)
    {
        var (json, view) = (pieces.Json, open.View);
        var trace = view.Trace;
        json.WriteStartObject();
        json.WritePropertyName("summary"u8);
        TraceJson.WriteSummary(json, view);
        if (from == 0)
        {
            TraceJson.WriteFinalized(json, view.Finalized);
            TraceJson.WriteVerdicts(json, trace.Verdicts);
            TraceJson.WriteSkews(json, trace.Times.Skews);
            TraceJson.WriteLinks(json, trace.Links);
            TraceJson.WriteCriticalPath(json, trace);
        }

        var end = (int)Math.Min((long)from + limit, trace.Tree.Count);
        var resources = ResourcesOf(trace, from, end);
        json.WriteStartArray("resources"u8);
        foreach (var resource in resources.Keys)
        {
            json.WriteStartObject();
            json.WriteString("service"u8, resource.ServiceName);
            OtlpJsonAttributes.Write(json, "attributes"u8, resource.Attributes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("spans"u8);
        var spans = new SpanJson(trace);
        for (var place = from; place < end; place++)
        {
            var index = trace.Tree.Order[place];
            spans.Write(json, place, open.Read(index), resources[trace.Tree[index].Resource]);
            await pieces.SendAsync();
        }

        json.WriteEndArray();
        json.WriteString("nextCursor"u8, next);
        json.WriteEndObject();
    }

    /// <summary>The resources of a page's spans with their numbers; those of one report are one object.</summary>
    private static OrderedDictionary<Resource, int> ResourcesOf(AssembledTrace trace, int from, int end)
    {
        var resources = new OrderedDictionary<Resource, int>(ReferenceEqualityComparer.Instance);
        for (var place = from; place < end; place++)
            resources.TryAdd(trace.Tree[trace.Tree.Order[place]].Resource, resources.Count);
        return resources;
    }
}
