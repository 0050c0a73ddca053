using System.Text;
using System.Text.Json;
using Serverless.Browser.Harness;
using Serverless.EndToEnd.Harness;

namespace Serverless.Browser;

/// <summary>The ledger's page, in a browser.</summary>
public sealed class LedgerPageTests(PageFixture fixture)
{
    [Fact]
    public async Task The_ledger_says_what_became_of_every_span_and_what_was_refused()
    {
        // A program of its own, so that what it counts is only what is posted here.
        using var folder = new TestFolder();
        await using var system = await SystemProcess.StartAsync(folder.Path);
        await using var tab = await fixture.OpenTabAsync();
        await tab.GoAsync(new Uri(system.Address, "/ledger"));
        await tab.UntilTextAsync("Nothing was accepted in this time.");
        await tab.UntilTextAsync("Nothing was refused, dropped, cut or set aside.");
        await tab.UntilTextAsync("No alert is pending or firing.");
        await tab.UntilTextAsync("The prober is off");

        using var http = fixture.NewClient(system.Address);
        Assert.Equal(202, await PostAsync(http, JsonSerializer.Serialize(MadeTraceSpan.Shop("counted-").Select(span => span.ToZipkin()))));
        Assert.Equal(400, await PostAsync(http, "[{]"));
        await tab.UntilAsync("(document.querySelector('.ledger-head button').click(), document.body.innerText.includes('All 6 spans that were accepted are accounted for.'))");
        await tab.UntilTextAsync("counted-checkout");
        await tab.UntilTextAsync("requests refused");
        await tab.UntilTextAsync("malformed: ");
        await tab.UntilTextAsync("for a million spans");
        Assert.Empty(await tab.ErrorsAsync());

        await tab.ClickAsync(".top nav a[href='/']");
        await tab.UntilAsync("location.pathname === '/' && document.querySelectorAll('.result').length === 1");
    }

    [Fact]
    public async Task What_is_not_accounted_for_is_told_first_and_a_part_that_fails_hides_no_other()
    {
        await using var tab = await fixture.OpenTabAsync();
        await tab.BeforeLoadAsync("""
            const real = fetch;
            const minute = { minute: '2026-01-01T00:00:00Z', settled: true, accepted: 10, finalized: 7, deduped: 0, inFlight: 0, remainder: 3 };
            window.fetch = (url, options) => /conservation/.test(url)
              ? Promise.resolve(new Response(JSON.stringify({ minutes: [minute, minute], holes: [{ partition: '1', from: 4, to: 6 }], conserved: false, hubLag: [] })))
              : /quarantine/.test(url) ? Promise.resolve(new Response('{"detail":"The tables do not answer."}', { status: 503 })) : real(url, options);
            """);
        await tab.GoAsync(new Uri(fixture.Address, "/ledger"));
        await tab.UntilTextAsync("6 spans of 20 accepted are not accounted for.");
        await tab.UntilTextAsync("No receipt covers partition 1, events 4 to 6.");
        await tab.UntilTextAsync("The quarantine failed in the system");
        await tab.UntilTextAsync("The tables do not answer.");
        await tab.UntilTextAsync("Refused requests");
    }

    private static async Task<int> PostAsync(HttpClient http, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync("/api/v2/spans", content, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }
}
