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
