using System.Diagnostics;
using System.Text.Json;

namespace Serverless.Browser.Harness;

/// <summary>A tab of the browser, with storage of its own.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private const string CatchErrors = "window.errors = []; addEventListener('error', e => errors.push(e.message)); "
        + "addEventListener('unhandledrejection', e => errors.push(String(e.reason))); "
        + "addEventListener('securitypolicyviolation', e => errors.push('refused by the policy: ' + e.violatedDirective + ' ' + e.blockedURI));";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private static readonly Dictionary<string, (string Code, int Number)> NamedKeys = new()
    {
        ["Enter"] = ("Enter", 13), ["Escape"] = ("Escape", 27), ["ArrowLeft"] = ("ArrowLeft", 37), ["ArrowUp"] = ("ArrowUp", 38),
        ["ArrowRight"] = ("ArrowRight", 39), ["ArrowDown"] = ("ArrowDown", 40), ["End"] = ("End", 35), ["Home"] = ("Home", 36), ["Tab"] = ("Tab", 9),
    };

    private readonly DevTools _tools;
    private readonly string _context;
    private readonly string _session;

    private Tab(DevTools tools, string context, string session)
    {
        _tools = tools;
        _context = context;
        _session = session;
    }

    public static async Task<Tab> OpenAsync(DevTools tools)
    {
        var context = (await tools.SendAsync("Target.createBrowserContext"))["browserContextId"]!.GetValue<string>();
        var target = (await tools.SendAsync("Target.createTarget", new { url = "about:blank", browserContextId = context }))["targetId"]!.GetValue<string>();
        var session = (await tools.SendAsync("Target.attachToTarget", new { targetId = target, flatten = true }))["sessionId"]!.GetValue<string>();
        var tab = new Tab(tools, context, session);
        await tab.SendAsync("Page.enable");
        await tab.BeforeLoadAsync(CatchErrors);
        await tab.ShowAsAsync(isDark: false);
        return tab;
    }

    /// <summary>Sets the size of the window and the theme of the system.</summary>
    public async Task ShowAsAsync(bool isDark, int width = 1280, int height = 800)
    {
        await SendAsync("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = false });
        object[] features = [new { name = "prefers-color-scheme", value = isDark ? "dark" : "light" }];
        await SendAsync("Emulation.setEmulatedMedia", new { features });
    }

    /// <summary>Runs a script in every page that is loaded from now on, before its own.</summary>
    public Task BeforeLoadAsync(string script) => SendAsync("Page.addScriptToEvaluateOnNewDocument", new { source = script });

    /// <summary>Goes to an address; what the page shows is waited for by the caller.</summary>
    public Task GoAsync(Uri address) => SendAsync("Page.navigate", new { url = address.AbsoluteUri });

    /// <summary>The value of an expression.</summary>
    public async Task<T> AskAsync<T>(string expression)
    {
        var answer = await _tools.SendAsync("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true }, _session);
        if (answer["exceptionDetails"] is { } failure)
            throw new InvalidOperationException($"{expression}: {failure}");
        return answer["result"]!["value"].Deserialize<T>()!;
    }

    /// <summary>Waits until an expression is true.</summary>
    /// <exception cref="TimeoutException">It never was; the message has the page's text.</exception>
    public async Task UntilAsync(string expression)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            InvalidOperationException? failure = null;
            try
            {
                if (await AskAsync<bool>($"Boolean({expression})"))
                    return;
            }
            catch (InvalidOperationException e)
            {
                // While a page is being replaced there is none to ask, or only a beginning of it.
                failure = e;
            }

            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException($"Never true: {expression}. The page: {await AskAsync<string>("document.body?.innerText ?? ''")}", failure);
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until the page shows a text.</summary>
    public Task UntilTextAsync(string text) => UntilAsync($"document.body?.innerText.includes({JsonSerializer.Serialize(text)})");

    /// <summary>Presses keys, one after the other: a character each, or a name such as Enter.</summary>
    public async Task PressAsync(params string[] keys)
    {
        foreach (var key in keys)
        {
            var (code, number) = NamedKeys.GetValueOrDefault(key, ("", 0));
            var text = key == "Enter" ? "\r" : key.Length == 1 ? key : null;
            await SendAsync("Input.dispatchKeyEvent", new { type = text is null ? "rawKeyDown" : "keyDown", key, code, windowsVirtualKeyCode = number, text });
            await SendAsync("Input.dispatchKeyEvent", new { type = "keyUp", key, code, windowsVirtualKeyCode = number });
        }
    }

    /// <summary>Types into whatever has the focus.</summary>
    public Task TypeAsync(string text) => SendAsync("Input.insertText", new { text });

    /// <summary>Clicks the middle of the first element of a selector.</summary>
    public async Task ClickAsync(string selector)
    {
        await UntilAsync($"document.querySelector({JsonSerializer.Serialize(selector)})");
        var place = await AskAsync<double[]>(
            $"(() => {{ const e = document.querySelector({JsonSerializer.Serialize(selector)}); e.scrollIntoView({{ block: 'nearest' }}); "
            + "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()");
        foreach (var type in (string[])["mousePressed", "mouseReleased"])
            await SendAsync("Input.dispatchMouseEvent", new { type, x = place[0], y = place[1], button = "left", clickCount = 1 });
    }

    /// <summary>Errors of scripts, and what the content security policy refused, since the page was loaded.</summary>
    public Task<string[]> ErrorsAsync() => AskAsync<string[]>("window.errors");

    public async ValueTask DisposeAsync() => await _tools.SendAsync("Target.disposeBrowserContext", new { browserContextId = _context });

    private Task SendAsync(string method, object? parameters = null) => _tools.SendAsync(method, parameters, _session);
}
