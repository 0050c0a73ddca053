using Serverless.Browser.Harness;

namespace Serverless.Browser;

/// <summary>One trace, in a browser, on the started program.</summary>
public sealed class TracePageTests(PageFixture fixture)
{
    private const string RowCount = "document.querySelectorAll('.row').length";
    private const string Selected = "document.querySelector('.row.selected .operation')?.innerText";

    [Fact]
    public async Task A_trace_is_shown_as_a_tree_with_bars()
    {
        await using var tab = await fixture.OpenTabAsync();
        await OpenAsync(tab, MadeTraceSpan.Shop("tree-"));
        Assert.Equal(
            ["1 get /buy", "2 get cart", "3 hget", "3 hset", "2 place order", "3 charge"],
            await tab.AskAsync<string[]>("[...document.querySelectorAll('.row')].map(r => r.getAttribute('aria-level') + ' ' + r.querySelector('.operation').innerText)"));
        var bars = await tab.AskAsync<double[][]>("[...document.querySelectorAll('.span-bar')].map(b => [b.offsetLeft / b.parentElement.offsetWidth, b.offsetWidth / b.parentElement.offsetWidth])");
        Assert.Equal([0, 0.05, 0.075, 0.15, 0.4, 0.45], bars.Select(bar => bar[0]), new Near());
        Assert.Equal([1, 0.3, 0.025, 0.15, 0.55, 0.475], bars.Select(bar => bar[1]), new Near());
        Assert.Equal(["hset"], await tab.AskAsync<string[]>("[...document.querySelectorAll('.row.error .operation')].map(o => o.innerText)"));
        var facts = await tab.AskAsync<string>("document.querySelector('.trace-header').innerText");
        Assert.Contains("200 ms", facts, StringComparison.Ordinal);
        Assert.Contains("tree-payment", facts, StringComparison.Ordinal);
        Assert.Empty(await tab.ErrorsAsync());
    }

    [Fact]
    public async Task The_keyboard_moves_collapses_expands_and_opens_details()
    {
        await using var tab = await fixture.OpenTabAsync();
        var spans = MadeTraceSpan.Shop("keys-");
        await OpenAsync(tab, spans);
        await tab.PressAsync("j");
        await tab.UntilAsync($"{Selected} === 'get cart'");
        await tab.PressAsync("ArrowLeft");
        await tab.UntilAsync($"{RowCount} === 4 && document.querySelector('.row.selected').getAttribute('aria-expanded') === 'false'");
        await tab.PressAsync("ArrowDown");
        await tab.UntilAsync($"{Selected} === 'place order'");
        await tab.PressAsync("k", "ArrowRight", "ArrowRight");
        await tab.UntilAsync($"{RowCount} === 6 && {Selected} === 'hget'");
        await tab.PressAsync("e", "Enter");
        await tab.UntilAsync("!document.querySelector('.details').hidden");
        var details = await tab.AskAsync<string>("document.querySelector('.details').innerText");
        Assert.Contains("This span ended with an error.", details, StringComparison.Ordinal);
        Assert.Contains("hset of keys-redis", details, StringComparison.Ordinal);
        Assert.Contains("begun", details, StringComparison.Ordinal);
        Assert.Contains(spans[3].Id, details, StringComparison.Ordinal);
        Assert.Equal("?span=" + spans[3].Id, await tab.AskAsync<string>("location.search"));
        await tab.PressAsync("Escape");
        await tab.UntilAsync("document.querySelector('.details').hidden && location.search === ''");
        await tab.PressAsync("[");
        await tab.UntilAsync($"{RowCount} === 1");
        await tab.PressAsync("]");
        await tab.UntilAsync($"{RowCount} === 6");
        await tab.PressAsync("?");
        await tab.UntilAsync("document.querySelector('dialog').open");
        await tab.PressAsync("Escape");
        await tab.UntilAsync("!document.querySelector('dialog')");
        Assert.Empty(await tab.ErrorsAsync());
    }

    [Fact]
    public async Task Finding_marks_the_matches_and_goes_from_one_to_the_next()
    {
        await using var tab = await fixture.OpenTabAsync();
        await OpenAsync(tab, MadeTraceSpan.Shop("find-"));
        await tab.PressAsync("[", "/");
        await tab.TypeAsync("FIND-REDIS");
        await tab.PressAsync("Enter");
        await tab.UntilAsync($"{Selected} === 'hget' && document.querySelector('.matches').innerText === '1 of 2'");
        await tab.PressAsync("Enter");
        await tab.UntilAsync($"{Selected} === 'hset' && document.querySelectorAll('.row.found').length === 2");
        await tab.PressAsync("Escape");
        await tab.UntilAsync("document.querySelectorAll('.row.found').length === 0 && document.querySelector('#find').value === ''");
    }

    [Fact]
    public async Task An_address_with_a_span_opens_its_details()
    {
        await using var tab = await fixture.OpenTabAsync();
        var spans = MadeTraceSpan.Shop("link-");
        await fixture.PostAsync(spans);
        await tab.GoAsync(new Uri(fixture.Address, $"/trace/{spans[0].TraceId}?span={spans[5].Id}"));
        await tab.UntilAsync($"{Selected} === 'charge' && document.querySelector('.details h2').innerText === 'charge'");
    }

    [Fact]
    public async Task Ten_thousand_spans_are_shown_with_few_rows_on_the_page()
    {
        await using var tab = await fixture.OpenTabAsync();
        var spans = MadeTraceSpan.Large("large", 10_000);
        await fixture.PostAsync(spans);
        await tab.GoAsync(new Uri(fixture.Address, "/trace/" + spans[0].TraceId));
        await tab.UntilAsync($"{RowCount} > 10");
        Assert.Contains("10,000", await tab.AskAsync<string>("document.querySelector('.facts').innerText"), StringComparison.Ordinal);
        Assert.InRange(await tab.AskAsync<int>(RowCount), 10, 100);
        await tab.PressAsync("End");
        await tab.UntilAsync("document.querySelector('.row.selected')?.dataset.order === '9999'");
        Assert.InRange(await tab.AskAsync<int>(RowCount), 10, 100);
        await tab.PressAsync("/");
        await tab.TypeAsync("step 5000");
        await tab.PressAsync("Enter");
        await tab.UntilAsync($"{Selected} === 'step 5000'");
        Assert.True(await tab.AskAsync<bool>(
            "(() => { const r = document.querySelector('.row.selected').getBoundingClientRect(), s = document.querySelector('.scroller').getBoundingClientRect(); return r.top >= s.top && r.bottom <= s.bottom; })()"));
    }

    [Fact]
    public async Task The_verdict_is_told_with_its_evidence_and_the_critical_path_is_drawn()
    {
        await using var tab = await fixture.OpenTabAsync();
        await OpenAsync(tab, MadeTraceSpan.Shop("judged-page-"));
        await tab.UntilAsync("document.querySelector('.findings').innerText.includes('complete')");
        await tab.UntilAsync("document.querySelectorAll('.row .critical').length > 4");
        await tab.PressAsync("Enter");
        await tab.UntilTextAsync("Of it on the critical path");

        var torn = MadeTraceSpan.Shop("torn-page-");
        await fixture.PostAsync([.. torn.Where(span => span.Name != "place order")]);
        await tab.GoAsync(new Uri(fixture.Address, "/trace/" + torn[0].TraceId));
        await tab.UntilAsync("document.querySelector('button[data-kind=parent_missing]')");
        await tab.ClickAsync("button[data-kind=parent_missing]");
        await tab.UntilAsync($"document.querySelector('.evidence').innerText.includes('{torn[4].Id}')");
        await tab.ClickAsync(".evidence button.link");
        await tab.UntilAsync("document.querySelector('.details h2')?.innerText === 'charge'");
        Assert.Empty(await tab.ErrorsAsync());
    }

    [Fact]
    public async Task A_trace_that_was_torn_is_shown_with_its_other_side()
    {
        await using var tab = await fixture.OpenTabAsync();
        var spans = MadeTraceSpan.Shop("side-");
        await fixture.PostAsync(spans);
        await tab.BeforeLoadAsync($$"""
            const real = fetch;
            const call = (traceId, spanId) => ({ traceId, spanId, service: 'side-cart', instance: 'cart-1', operation: 'get cart', startUnixNano: '1', endUnixNano: '2' });
            const answers = {
              verdicts: { verdicts: [{ kind: 'propagation_broken', evidenceCount: 1, evidence: [{ text: 'side-cart lost it.', spans: 1 }] }] },
              fragments: { breaks: [{
                service: 'side-cart', text: 'It lost it.',
                received: { call: call('{{spans[0].TraceId}}', '{{spans[1].Id}}'), trace: null },
                opened: { call: call('000000000000000000000000000000bb', '00000000000000aa'), trace: null } }] },
            };
            window.fetch = (url, options) => {
              const answer = answers[String(url).split('/').at(-1)];
              return answer ? Promise.resolve(new Response(JSON.stringify(answer))) : real(url, options);
            };
            """);
        await tab.GoAsync(new Uri(fixture.Address, "/trace/" + spans[0].TraceId));
        await tab.UntilTextAsync("side-cart does not forward the trace headers.");
        await tab.UntilTextAsync("and began a new trace with this one");
        Assert.Equal(
            "/trace/000000000000000000000000000000bb?span=00000000000000aa",
            await tab.AskAsync<string>("(a => a.pathname + a.search)(document.querySelector('.side a'))"));
        await tab.ClickAsync(".side.here button.link");
        await tab.UntilAsync("document.querySelector('.details h2')?.innerText === 'get cart'");
    }

    [Fact]
    public async Task Where_the_verdict_cannot_be_read_the_trace_is_shown_all_the_same()
    {
        await using var tab = await fixture.OpenTabAsync();
        var spans = MadeTraceSpan.Shop("unjudged-");
        await fixture.PostAsync([.. spans.Skip(1)]);
        await tab.BeforeLoadAsync("""
            const real = fetch;
            window.fetch = (url, options) => /verdicts$/.test(url)
              ? Promise.resolve(new Response('{"detail":"The tables do not answer."}', { status: 503 })) : real(url, options);
            """);
        await tab.GoAsync(new Uri(fixture.Address, "/trace/" + spans[0].TraceId));
        await tab.UntilAsync($"{RowCount} === 5");
        await tab.UntilTextAsync("What the system found out about this trace could not be read.");
        await tab.UntilTextAsync("The tables do not answer.");
        await tab.UntilTextAsync("2 spans name a parent that is not in the trace");
    }

    [Fact]
    public async Task A_trace_that_is_not_there_says_why_that_may_be()
    {
        await using var tab = await fixture.OpenTabAsync();
        await tab.GoAsync(new Uri(fixture.Address, "/trace/00000000000000000000000000000abc"));
        await tab.UntilTextAsync("No trace with this id");
        await tab.UntilTextAsync("Its spans may not have arrived yet");
    }

    [Fact]
    public async Task A_pasted_traceparent_goes_to_its_trace()
    {
        await using var tab = await fixture.OpenTabAsync();
        var spans = MadeTraceSpan.Shop("paste-");
        await fixture.PostAsync(spans);
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=paste-cart"));
        await tab.ClickAsync(".go input");
        await tab.TypeAsync($"00-{spans[0].TraceId.ToUpperInvariant()}-{spans[0].Id}-01");
        await tab.PressAsync("Enter");
        await tab.UntilAsync($"location.pathname === '/trace/{spans[0].TraceId}' && {RowCount} === 6");
    }

    private async Task OpenAsync(Tab tab, MadeTraceSpan[] spans)
    {
        await fixture.PostAsync(spans);
        await tab.GoAsync(new Uri(fixture.Address, "/trace/" + spans[0].TraceId));
        await tab.UntilAsync($"{RowCount} === {spans.Length}");
    }

    private sealed class Near : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 0.01;

        public int GetHashCode(double obj) => 0;
    }
}
