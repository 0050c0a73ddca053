using Serverless.Browser.Harness;

namespace Serverless.Browser;

/// <summary>Whether what the page says can be read: contrast in both themes, and room on small screens.</summary>
public sealed class AppearanceTests(PageFixture fixture)
{
    // Every text against what is painted below it, by WCAG's formula: 4.5 to 1, 3 to 1 for large text. A canvas turns whatever way a
    // colour is written in into bytes. What is dimmed on purpose, because it is not what was searched, is left out.
    private const string TooFaint = """
        (() => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const bytes = color => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
          const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
          const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const backOf = e => { const layers = []; for (; e; e = e.parentElement) { const c = bytes(getComputedStyle(e).backgroundColor); layers.push(c); if (c[3] === 1) break; } return layers.reduceRight((below, top) => over(top, below), bytes('Canvas')); };
          const faint = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          let texts = 0;
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const e = node.parentElement;
            if (node.data.trim() === '' || !e.checkVisibility({ checkOpacity: true }) || e.closest('noscript, title, option')) continue;
            const style = getComputedStyle(e), back = backOf(e), size = parseFloat(style.fontSize);
            const [a, b] = [light(over(bytes(style.color), back)), light(back)];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            texts++;
            if (ratio < (size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)}: ${node.data.trim().slice(0, 30)} (${e.className || e.tagName})`);
          }
          return texts < 10 ? ['too little text to judge: ' + texts] : [...new Set(faint)];
        })()
        """;

    [Theory]
    [InlineData(false, 1280)]
    [InlineData(true, 1280)]
    [InlineData(false, 390)]
    [InlineData(true, 390)]
    public async Task Everything_can_be_read(bool isDark, int width)
    {
        await using var tab = await fixture.OpenTabAsync();
        var spans = MadeTraceSpan.Shop("seen-");
        await fixture.PostAsync(spans);
        await tab.ShowAsAsync(isDark, width);
        (string Path, string Ready)[] pages =
        [
            ("/search?service=seen-cart", "document.querySelectorAll('.result').length > 0"),
            ("/search?service=seen-cart&minDuration=9s", "document.querySelector('.state.empty')"),
            ($"/trace/{spans[0].TraceId}?span={spans[3].Id}", "document.querySelectorAll('.row').length === 6 && document.querySelector('.details h2') && document.querySelector('.findings .tag')"),
            ("/ledger", "document.querySelector('.account') && document.querySelectorAll('.table tr').length > 1"),
        ];
        foreach (var (path, ready) in pages)
        {
            await tab.GoAsync(new Uri(fixture.Address, path));
            await tab.UntilAsync(ready);
            Assert.Empty(await tab.AskAsync<string[]>(TooFaint));
            Assert.True(await tab.AskAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than {width} px.");
            Assert.Equal(isDark, await tab.AskAsync<bool>("getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)'"));
        }
    }

    [Fact]
    public async Task The_toggle_overrides_the_systems_theme_and_is_remembered()
    {
        await using var tab = await fixture.OpenTabAsync();
        await tab.GoAsync(fixture.Address);
        await tab.ClickAsync("#theme");
        await tab.ClickAsync("#theme");
        await tab.UntilAsync("document.documentElement.dataset.theme === 'dark' && getComputedStyle(document.documentElement).colorScheme === 'dark'");
        await tab.GoAsync(new Uri(fixture.Address, "/search?limit=5"));
        await tab.UntilAsync("location.search === '?limit=5' && document.documentElement.dataset.theme === 'dark'");
    }

    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task Everything_that_can_be_pressed_has_a_name_and_can_be_reached(int width)
    {
        await using var tab = await fixture.OpenTabAsync();
        var spans = MadeTraceSpan.Shop("named-");
        await fixture.PostAsync(spans);
        await tab.ShowAsAsync(isDark: false, width);
        await tab.GoAsync(new Uri(fixture.Address, "/search?service=named-cart"));
        await tab.UntilAsync("document.querySelectorAll('.result').length > 0");
        Assert.True(await tab.AskAsync<bool>("document.querySelector('#search').checkVisibility() && document.querySelector('#search').offsetWidth > 0"));
        Assert.Empty(await tab.AskAsync<string[]>(
            """
            [...document.querySelectorAll('button, a, input, select')].filter(e => e.checkVisibility())
              .filter(e => !(e.getAttribute('aria-label') || e.innerText?.trim() || e.labels?.[0]?.innerText.trim())).map(e => e.outerHTML)
            """));
    }
}
