using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions;
using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;
using Serverless.Local;

namespace Serverless.Tests.Querying.Api;

[Collection(StoredTracesCollection.Name)]
public sealed class OpenApiTests(StoredTraces traces)
{
    private static readonly JsonElement Document = JsonDocument.Parse(OpenApiDocument.Bytes).RootElement;
    private static readonly JsonSchema Schemas = new(Document);

    public static TheoryData<string, string> Answers => new()
    {
        { "/query/v1/traces", "/query/v1/traces?limit=2" },
        { "/query/v1/traces", "/query/v1/traces?service=nobody" },
        { "/query/v1/traces/{id}", $"/query/v1/traces/{StoredTraces.Shop}" },
        { "/query/v1/traces/{id}", $"/query/v1/traces/{StoredTraces.Order}?adjust=false" },
        { "/query/v1/traces/{id}", $"/query/v1/traces/{StoredTraces.Batch}?limit=1" },
        { "/query/v1/traces/{id}/verdicts", $"/query/v1/traces/{StoredTraces.Shop}/verdicts" },
        { "/query/v1/traces/{id}/critical-path", $"/query/v1/traces/{StoredTraces.Shop}/critical-path" },
        { "/query/v1/traces/{id}/fragments", $"/query/v1/traces/{StoredTraces.Shop}/fragments" },
        { "/query/v1/services", "/query/v1/services" },
        { "/query/v1/operations", "/query/v1/operations?service=gateway&kind=client" },
        { "/query/v1/tag-keys", "/query/v1/tag-keys?service=gateway" },
        { "/query/v1/remote-services", "/query/v1/remote-services?service=details" },
        { "/query/v1/verdict-kinds", "/query/v1/verdict-kinds" },
        { "/query/v1/links", "/query/v1/links?start=0" },
        { "/query/v1/links", "/query/v1/links?service=nobody" },
        { "/query/v1/metrics", "/query/v1/metrics?start=2020-01-01T00:00:00Z" },
        { "/query/v1/metrics", "/query/v1/metrics?by=operation&kind=server&start=2020-01-01T00:00:00Z" },
        { "/health", "/health" },
        { "/info", "/info" },
    };

    public static TheoryData<string, string, int> Problems => new()
    {
        { "/query/v1/traces", "/query/v1/traces?colour=red", 400 },
        { "/query/v1/traces", "/query/v1/traces?tag=a%3D%22b", 400 },
        { "/query/v1/traces/{id}", "/query/v1/traces/xyz", 400 },
        { "/query/v1/traces/{id}", "/query/v1/traces/1234567890abcdef", 404 },
        { "/query/v1/traces/{id}", $"/query/v1/traces/{StoredTraces.Shop}?cursor=0000000100000000", 409 },
        { "/query/v1/traces/{id}/verdicts", "/query/v1/traces/1234567890abcdef/verdicts", 404 },
        { "/query/v1/operations", "/query/v1/operations", 400 },
        { "/query/v1/links", "/query/v1/links?start=2&end=1", 400 },
        { "/query/v1/metrics", "/query/v1/metrics?by=colour", 400 },
    };

    [Fact]
    public async Task The_document_is_served_as_it_is_checked_in()
    {
        var served = await traces.App.GetJsonAsync("/openapi.json");
        Assert.Equal("3.1.0", served.GetProperty("openapi").GetString());
        Assert.True(JsonElement.DeepEquals(Document, served));
    }

    [Fact]
    public void Every_route_and_method_is_described_or_left_out_with_a_reason_and_nothing_else_is()
    {
        var routes = new List<string>();
        var leftOut = new List<string>();
        var undocumented = Document.GetProperty("x-undocumented-routes");
        foreach (var function in FunctionCatalog.Find(FunctionCatalog.TypesOf(typeof(TracingServices).Assembly)).Functions)
        {
            if (function.Trigger is not HttpTriggerAttribute http)
                continue;
            var route = $"/{http.Route}";
            if (undocumented.TryGetProperty(route, out var reason))
            {
                Assert.NotEmpty(reason.GetString()!);
                leftOut.Add(route);
                continue;
            }

            routes.AddRange(http.Methods!.Select(method => $"{function.Name}: {method} {route}"));
        }

        var described = Document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
            .Select(operation => $"{operation.Value.GetProperty("operationId").GetString()}: {operation.Name} {path.Name}"));
        Assert.Equal(routes.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        Assert.Equal(undocumented.EnumerateObject().Select(route => route.Name).Order(StringComparer.Ordinal), leftOut.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_path_has_exactly_the_path_parameters_that_it_names()
    {
        foreach (var path in Document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var named = Regex.Matches(path.Name, @"\{(\w+)\}", RegexOptions.CultureInvariant).Select(match => match.Groups[1].Value);
                Assert.Equal(named, Parameters(operation.Value, "path"));
            }
        }
    }

    [Fact]
    public async Task Every_parameter_of_our_own_routes_is_described_and_no_other_is_taken()
    {
        foreach (var path in Document.GetProperty("paths").EnumerateObject().Where(path => path.Name.StartsWith("/query/", StringComparison.Ordinal)))
        {
            var answer = await traces.App.GetAsync($"{path.Name.Replace("{id}", StoredTraces.Shop, StringComparison.Ordinal)}?no-such-parameter=1");
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            var detail = answer.Json.GetProperty("detail").GetString()!;
            var taken = detail[(detail.IndexOf("there are: ", StringComparison.Ordinal) + 11)..].TrimEnd('.')
                .Split(", ", StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(Parameters(path.Value.GetProperty("get"), "query").Order(StringComparer.Ordinal), taken.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Answers_agree_with_their_schemas(string path, string asked)
    {
        var answer = await traces.App.GetAsync(asked);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        var schema = Response(path, "200").GetProperty("application/json").GetProperty("schema");
        Assert.Empty(Schemas.Check(answer.Json, schema));
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public async Task Failures_agree_with_their_schemas_and_are_of_a_type_that_is_listed(string path, string asked, int status)
    {
        var answer = await traces.App.GetAsync(asked);
        Assert.Equal(status, (int)answer.Status);
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        var schema = Response(path, answer.Json.GetProperty("status").GetRawText()).GetProperty("application/problem+json").GetProperty("schema");
        Assert.Empty(Schemas.Check(answer.Json, schema));
        Assert.Equal(asked.Split('?')[0], answer.Json.GetProperty("instance").GetString());
    }

    [Fact]
    public void Every_type_of_problem_is_in_the_document()
    {
        var described = Document.GetProperty("components").GetProperty("schemas").GetProperty("Problem").GetProperty("properties")
            .GetProperty("type").GetProperty("enum").EnumerateArray().Select(type => type.GetString()!);
        Assert.Equal(ProblemType.All.Select(type => type.Uri), described);
    }

    [Fact]
    public void The_check_of_schemas_finds_what_does_not_agree()
    {
        var schema = Document.GetProperty("components").GetProperty("schemas").GetProperty("ServiceCount");
        Assert.Empty(Schemas.Check(Json("""{"name":"a","spans":1,"errors":0}"""), schema));
        Assert.Equal(["$.spans is String, not \"integer\""], Schemas.Check(Json("""{"name":"a","spans":"1","errors":0}"""), schema));
        Assert.Equal(["$.errors is missing"], Schemas.Check(Json("""{"name":"a","spans":1}"""), schema));
        Assert.Equal(["$.more is not in the schema"], Schemas.Check(Json("""{"name":"a","spans":1,"errors":0,"more":1}"""), schema));
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static IEnumerable<string> Parameters(JsonElement operation, string where) =>
        operation.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == where).Select(parameter => parameter.GetProperty("name").GetString()!)
            : [];

    private static JsonElement Response(string path, string status) =>
        Document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty(status).GetProperty("content");
}
