using System.Net;
using System.Text;
using Serverless.Functions;
using Serverless.Functions.Operations;
using Serverless.Tests.Querying;
using Serverless.Tests.Querying.Jaeger;
using static Serverless.Tests.Assembly.SampleSpan;

namespace Serverless.Tests.Operations;

public sealed class JaegerUiTests : IDisposable
{
    private const string Index = """
        <html><script>
        const DEFAULT_CONFIG = null;
        JAEGER_CONFIG = DEFAULT_CONFIG;
          // JAEGER_CONFIG_JS
          // the line that goes with it
        JAEGER_STORAGE_CAPABILITIES = DEFAULT_STORAGE_CAPABILITIES;
        JAEGER_BACKEND_CAPABILITIES = DEFAULT_BACKEND_CAPABILITIES;
        JAEGER_VERSION = DEFAULT_VERSION;
        </script></html>
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("jaeger-ui-").FullName;

    public JaegerUiTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "static"));
        File.WriteAllText(Path.Combine(_folder, "index.html"), Index);
        File.WriteAllText(Path.Combine(_folder, "static", "main-1.js"), new string('x', 5_000));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_page_and_its_api_are_served_below_jaeger()
    {
        await using var app = await QueryApp.StartAsync("--Tracing:JaegerUiFolder", _folder);
        var page = await app.GetAsync("/jaeger/");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal("text/html; charset=utf-8", page.Header("Content-Type"));
        Assert.Equal("no-cache", page.Header("Cache-Control"));
        Assert.Null(page.Header("Content-Security-Policy"));
        Assert.Equal(page.Text, (await app.GetAsync("/jaeger")).Text);
        Assert.Equal(page.Text, (await app.GetAsync("/jaeger/trace/1?uiFind=2")).Text);
        Assert.Equal(page.Text, (await app.GetAsync("/jaeger/search")).Text);

        var script = await app.GetAsync("/jaeger/static/main-1.js");
        Assert.Equal("text/javascript; charset=utf-8", script.Header("Content-Type"));
        Assert.Contains("immutable", script.Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await app.GetAsync("/jaeger/static/main-2.js")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.GetAsync("/jaeger/static/..%2f..%2f..%2fetc%2fpasswd")).Status);

        await app.StoreAsync("/v1/traces", OtlpBody.Of(Of(1, service: "a b/c")), "00000000000000070000000000000001");
        await app.UntilAsync("/api/services/a%20b%2Fc/operations", answer => answer.Json.GetProperty("total").GetInt32() == 1);
        foreach (var path in new[]
        {
            "/api/services", "/api/services/a%20b%2Fc/operations", "/api/operations?service=a%20b%2Fc", "/api/traces?service=a%20b%2Fc&start=1",
            "/api/traces/70000000000000001", "/api/traces/123", "/api/v3/services", "/api/v3/operations?service=a%20b%2Fc", "/api/v3/trace-summaries",
            "/api/v3/dependencies?startTime=2020-01-01T00:00:00Z&endTime=2100-01-01T00:00:00Z", "/api/v3/capabilities", "/api/quality-metrics", "/api/v3/traces", "/api/v3/traces/70000000000000001", "/api/nothing",
        })
        {
            var (below, above) = (await app.GetAsync("/jaeger" + path), await app.GetAsync(path));
            Assert.Equal((above.Status, above.Text), (below.Status, below.Text));
        }

        using var archived = await app.Client.PostAsync("/jaeger/api/archive/70000000000000001", null, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, archived.StatusCode);
        using var body = new StringContent(OtlpBody.Of(Of(1)), Encoding.UTF8, "text/plain");
        using var transformed = await app.Client.PostAsync("/jaeger/api/transform", body, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, transformed.StatusCode);
    }

    [Fact]
    public void What_Jaegers_server_writes_into_the_page_is_written()
    {
        var page = Page(new TracingSettings { JaegerUiFolder = _folder, RetentionDays = 5 });
        Assert.Contains(
            """JAEGER_BACKEND_CAPABILITIES = {"archiveStorage":true,"metricsStorage":true,"searchWithoutServiceName":true,"aiAssistant":false};""",
            page, StringComparison.Ordinal);
        Assert.Contains("""JAEGER_STORAGE_CAPABILITIES = {"archiveStorage":true,"metricsStorage":true};""", page, StringComparison.Ordinal);
        Assert.Contains("JAEGER_VERSION = {\"gitCommit\":\"\",\"gitVersion\":\"", page, StringComparison.Ordinal);
        Assert.Contains("""JAEGER_CONFIG = {"archiveEnabled":true,""", page, StringComparison.Ordinal);
        // The page replaces its own entries whole: one that is named must have all that the page reads of it.
        Assert.Contains(
            ""","qualityMetrics":{"menuEnabled":true,"menuLabel":"Trace Quality","apiEndpoint":"/api/quality-metrics"}""", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\"monitor\"", page, StringComparison.Ordinal);
        Assert.Contains("\"maxLookback\":{\"label\":\"5 Days\",\"value\":\"5d\"}", page, StringComparison.Ordinal);
        Assert.Contains("// the line that goes with it", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_in_JSON_takes_the_place_of_ours_and_cannot_end_the_script()
    {
        var page = Page(WithConfig("c.json", """{"menu":[{"label":"</script>"}]}"""));
        Assert.Contains("JAEGER_CONFIG = {\"menu\":[{\"label\":\"\\u003C/script\\u003E\"}]};", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_in_JavaScript_takes_the_place_of_its_two_lines()
    {
        var page = Page(WithConfig("c.js", "function UIConfig() { return {}; }\n"));
        Assert.Contains("JAEGER_CONFIG = DEFAULT_CONFIG;\nfunction UIConfig() { return {}; }\nJAEGER_STORAGE", page.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("the line that goes with it", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c.json", "[]", "which holds no JSON object.")]
    [InlineData("c.json", "{", "which is not JSON: ")]
    [InlineData("c.js", "var x = 1;", "which does not define a function UIConfig().")]
    [InlineData("c.yaml", "x: 1", "which is neither a .json nor a .js file.")]
    public void A_configuration_that_is_none_ends_the_start(string name, string text, string error)
    {
        var e = Assert.Throws<InvalidDataException>(() => Page(WithConfig(name, text)));
        Assert.StartsWith("The setting Tracing:JaegerUiConfigFile names '", e.Message, StringComparison.Ordinal);
        Assert.Contains(error, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_page_ends_the_start()
    {
        var empty = Path.Combine(_folder, "static");
        Assert.Equal(
            $"The setting Tracing:JaegerUiFolder names '{empty}', in which there is no index.html: name the folder of a built page, or leave the setting empty.",
            Assert.Throws<InvalidDataException>(() => new JaegerUi(new TracingSettings { JaegerUiFolder = empty })).Message);
    }

    private static string Page(TracingSettings settings) => Encoding.UTF8.GetString(new JaegerUi(settings).Files!.Page.Plain);

    private TracingSettings WithConfig(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return new TracingSettings { JaegerUiFolder = _folder, JaegerUiConfigFile = file };
    }
}
