using System.Text;
using System.Text.Json;
using Serverless.Browser.Harness;
using Serverless.EndToEnd.Harness;

namespace Serverless.Browser;

/// <summary>The search, in a browser, on the started program.</summary>
public sealed class SearchPageTests(PageFixture fixture)
{
    private const string Rows = "document.querySelectorAll('.result')";

    [Fact]
    public async Task A_search_finds_a_posted_trace_and_opens_it()
    {
        await using var tab = await fixture.OpenTabAsync();
        var spans = MadeTraceSpan.Shop("found-");
        await fixture.PostAsync(spans);
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=found-cart"));
        await tab.UntilAsync($"{Rows}.length === 1");
        var row = await tab.AskAsync<string>($"{Rows}[0].innerText");
        Assert.Contains("found-frontend", row, StringComparison.Ordinal);
        Assert.Contains("get /buy", row, StringComparison.Ordinal);
        Assert.Contains("200 ms", row, StringComparison.Ordinal);
        Assert.Contains("6 spans", row, StringComparison.Ordinal);
        Assert.Contains("1 error", row, StringComparison.Ordinal);
        Assert.Contains("found-payment", row, StringComparison.Ordinal);

        await tab.PressAsync("j", "Enter");
        await tab.UntilAsync($"location.pathname === '/trace/{spans[0].TraceId}' && document.querySelectorAll('.row').length === 6");
        await tab.AskAsync<bool>("history.back() ?? true");
        await tab.UntilAsync($"{Rows}.length === 1");
        Assert.Empty(await tab.ErrorsAsync());
    }

    [Fact]
    public async Task The_form_searches_and_its_query_is_in_the_address()
    {
        await using var tab = await fixture.OpenTabAsync();
        await fixture.PostAsync(MadeTraceSpan.Shop("form-"));
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=form-redis"));
        await tab.UntilAsync($"{Rows}.length === 1");
        await tab.PressAsync("/");
        await tab.TypeAsync("http.method=GET note=\"hset of form-redis\"");
        await tab.PressAsync("Enter");
        await tab.UntilAsync("new URLSearchParams(location.search).get('tags') === 'http.method=GET note=\"hset of form-redis\"'");
        await tab.UntilAsync($"{Rows}.length === 1");
        await tab.PressAsync("/");
        await tab.TypeAsync(" other=x");
        await tab.PressAsync("Enter");
        await tab.UntilTextAsync("No trace matches");
        Assert.Empty(await tab.ErrorsAsync());
    }

    [Fact]
    public async Task Without_a_service_every_service_is_searched_and_a_trace_is_shown_once()
    {
        await using var tab = await fixture.OpenTabAsync();
        var spans = MadeTraceSpan.Shop("every-");
        await fixture.PostAsync(spans);
        // What other tests post is not looked through.
        await tab.GoAsync(new Uri(fixture.Address, "/search?tags=" + Uri.EscapeDataString("http.method=GET note=\"get cart of every-cart\"")));
        await tab.UntilAsync($"{Rows}.length === 1 && {Rows}[0].pathname === '/trace/{spans[0].TraceId}'");
    }

    [Fact]
    public async Task Older_traces_come_behind_the_newest()
    {
        await using var tab = await fixture.OpenTabAsync();
        for (var i = 0; i < 3; i++)
            await fixture.PostAsync(MadeTraceSpan.Shop("older-"));
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=older-cart&limit=2"));
        await tab.UntilAsync($"{Rows}.length === 2");
        await tab.PressAsync("o");
        await tab.UntilAsync($"{Rows}.length === 3 && document.querySelector('#older') === null");
        Assert.Equal(3, await tab.AskAsync<int>($"new Set([...{Rows}].map(row => row.href)).size"));
    }

    [Fact]
    public async Task Traces_are_searched_by_what_is_said_of_them_and_by_comparisons()
    {
        await using var tab = await fixture.OpenTabAsync();
        var whole = MadeTraceSpan.Shop("judged-");
        var torn = MadeTraceSpan.Shop("judged-");
        await fixture.PostAsync(whole);
        await fixture.PostAsync([.. torn.Skip(1)]);
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=judged-cart&verdict=parent_missing"));
        await tab.UntilAsync($"{Rows}.length === 1 && {Rows}[0].pathname === '/trace/{torn[0].TraceId}'");
        await tab.UntilTextAsync("parent missing");
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=judged-cart&tags=http.method"));
        await tab.UntilAsync($"{Rows}.length === 2");
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=judged-cart&tags=!http.method+http.method"));
        await tab.UntilTextAsync("No trace matches");
    }

    [Fact]
    public async Task A_search_that_finds_nothing_says_what_was_searched_and_what_to_try()
    {
        await using var tab = await fixture.OpenTabAsync();
        await fixture.PostAsync(MadeTraceSpan.Shop("empty-"));
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=empty-cart&minDuration=10s&lookback=15m"));
        await tab.UntilTextAsync("No trace matches");
        Assert.Contains("10s", await tab.AskAsync<string>("document.querySelector('.asked').innerText"), StringComparison.Ordinal);
        await tab.AskAsync<bool>("[...document.querySelectorAll('.attempts a')].find(a => a.innerText === 'any duration').click() ?? true");
        await tab.UntilAsync($"{Rows}.length === 1 && !location.search.includes('minDuration')");
    }

    [Fact]
    public async Task A_malformed_tag_is_told_at_its_field_and_not_sent()
    {
        await using var tab = await fixture.OpenTabAsync();
        await fixture.PostAsync(MadeTraceSpan.Shop("field-"));
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=field-cart"));
        await tab.UntilAsync($"{Rows}.length === 1");
        await tab.PressAsync("/");
        await tab.TypeAsync("a=\"open");
        await tab.PressAsync("Enter");
        Assert.Equal(
            "The quote of a at character 3 is never closed.",
            await tab.AskAsync<string>("document.querySelector('[name=tags]').validationMessage"));
        Assert.DoesNotContain("open", await tab.AskAsync<string>("location.search"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_the_system_is_told_as_one_and_can_be_tried_again()
    {
        await using var tab = await fixture.OpenTabAsync();
        await fixture.PostAsync(MadeTraceSpan.Shop("failed-"));
        await tab.BeforeLoadAsync(Answering(
            "/query/v1/traces?", 503, """{"type":"x","title":"t","status":503,"detail":"The tables do not answer.","instance":"/"}"""));
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=failed-cart"));
        await tab.UntilTextAsync("The search failed in the system");
        await tab.UntilTextAsync("Your query is right");
        await tab.UntilTextAsync("The tables do not answer.");
        await tab.AskAsync<bool>("window.answering = false, true");
        await tab.ClickAsync(".failed button");
        await tab.UntilAsync($"{Rows}.length === 1");
    }

    [Fact]
    public async Task A_query_that_is_refused_is_told_as_the_querys_fault()
    {
        await using var tab = await fixture.OpenTabAsync();
        await fixture.PostAsync(MadeTraceSpan.Shop("refused-"));
        await tab.BeforeLoadAsync(Answering("/query/v1/traces?", 400, """{"type":"x","title":"t","status":400,"detail":"no such thing","instance":"/"}"""));
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=refused-cart"));
        await tab.UntilTextAsync("The system does not accept this query");
        await tab.UntilTextAsync("no such thing");
    }

    [Fact]
    public async Task A_result_that_may_miss_traces_says_so()
    {
        await using var tab = await fixture.OpenTabAsync();
        await fixture.PostAsync(MadeTraceSpan.Shop("part-"));
        await tab.BeforeLoadAsync(Answering(
            "/query/v1/traces?", 200, """{"traces":[],"window":{"startUnixNano":"0","endUnixNano":"1"},"isComplete":false,"advice":"It ran out of time.","nextCursor":null}"""));
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=part-cart"));
        await tab.UntilTextAsync("The search is incomplete. It ran out of time.");
    }

    [Fact]
    public async Task A_system_that_asks_for_keys_gets_the_one_that_is_entered()
    {
        await using var tab = await fixture.OpenTabAsync();
        await fixture.PostAsync(MadeTraceSpan.Shop("keyed-"));
        await tab.BeforeLoadAsync("""
            const real = fetch;
            window.fetch = (url, options) => options?.headers?.['x-functions-key'] === 'a-key' ? real(url, options) : Promise.resolve(new Response('', { status: 401 }));
            """);
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=keyed-cart"));
        await tab.UntilTextAsync("The system asks for a key");
        await tab.ClickAsync("input[name=key]");
        await tab.TypeAsync("a-key");
        await tab.PressAsync("Enter");
        await tab.UntilAsync($"{Rows}.length === 1");
    }

    [Fact]
    public async Task An_empty_system_says_how_to_send_the_first_span_shows_it_when_it_comes_and_says_when_it_is_gone()
    {
        await using var tab = await fixture.OpenTabAsync();
        using var folder = new TestFolder();
        await using var system = await SystemProcess.StartAsync(folder.Path);
        await tab.GoAsync(system.Address);
        await tab.UntilTextAsync("No spans yet");
        var command = await tab.AskAsync<string>("document.querySelector('.command').textContent");
        Assert.StartsWith($"curl -i {system.Address.GetLeftPart(UriPartial.Authority)}/api/v2/spans", command, StringComparison.Ordinal);

        var body = command[command.IndexOf('[', StringComparison.Ordinal)..^1];
        using var http = fixture.NewClient(system.Address);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync("/api/v2/spans", content, TestContext.Current.CancellationToken);
        Assert.Equal(202, (int)answer.StatusCode);
        await tab.UntilAsync($"{Rows}.length === 1");
        await tab.UntilTextAsync("my-first-service");

        system.Kill();
        await tab.PressAsync("r");
        await tab.UntilTextAsync("The system does not answer");
    }

    /// <summary>A script that answers requests in the system's place until <c>answering</c> is false.</summary>
    private static string Answering(string path, int status, string body) => $$"""
        window.answering = true;
        const real = fetch;
        window.fetch = (url, options) => answering && String(url).startsWith({{JsonSerializer.Serialize(path)}})
          ? Promise.resolve(new Response({{JsonSerializer.Serialize(body)}}, { status: {{status}} })) : real(url, options);
        """;
}
