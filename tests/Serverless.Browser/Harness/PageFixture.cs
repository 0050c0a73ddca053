using System.Net;
using System.Text;
using System.Text.Json;
using Serverless.Browser.Harness;
using Serverless.EndToEnd.Harness;

[assembly: AssemblyFixture(typeof(PageFixture))]

namespace Serverless.Browser.Harness;

/// <summary>One browser and one started system for all tests.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private Chromium? _chromium;
    private SystemProcess? _system;

    /// <summary>Where the system listens.</summary>
    internal Uri Address => _system!.Address;

    public async ValueTask InitializeAsync()
    {
        _system = await SystemProcess.StartAsync(_folder.Path);
        if (Chromium.Installed() is { } path)
            _chromium = await Chromium.StartAsync(path);
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        if (_system is not null)
            await _system.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A new tab; skips the test where there is no browser or no page.</summary>
    internal async Task<Tab> OpenTabAsync()
    {
        Assert.SkipWhen(_chromium is null, "Chromium is not installed: tests/Serverless.Browser/install-chromium.sh installs it on Debian.");
        await SkipWithoutPageAsync();
        return await Tab.OpenAsync(_chromium!.Tools);
    }

    /// <summary>Skips the test where the page was not built.</summary>
    internal async Task SkipWithoutPageAsync()
    {
        using var http = NewClient();
        using var answer = await http.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.SkipWhen(answer.StatusCode == HttpStatusCode.NotFound, "The page was not built: build without -p:SkipPage=true.");
    }

    internal HttpClient NewClient(Uri? address = null) =>
        new(new SocketsHttpHandler { UseProxy = false, AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = address ?? Address };

    /// <summary>Posts spans and waits until the trace can be read and found.</summary>
    internal async Task PostAsync(IReadOnlyList<MadeTraceSpan> spans, int most = 1_000)
    {
        using var http = NewClient();
        foreach (var chunk in spans.Chunk(most))
        {
            using var body = new StringContent(JsonSerializer.Serialize(chunk.Select(span => span.ToZipkin())), Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync("/api/v2/spans", body, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            using var answer = await http.GetAsync("/api/v2/trace/" + spans[0].TraceId, TestContext.Current.CancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
                if (json.RootElement.GetArrayLength() == spans.Count)
                    return;
            }

            Assert.True(DateTime.UtcNow < deadline, $"Trace {spans[0].TraceId} did not become readable.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
