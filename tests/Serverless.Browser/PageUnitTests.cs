using System.Diagnostics;

namespace Serverless.Browser;

/// <summary>The page's own unit tests, in Node's test runner.</summary>
public sealed class PageUnitTests
{
    [Fact]
    public async Task The_unit_tests_of_the_page_pass()
    {
        var web = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(web.FullName, "Serverless.sln")))
            web = web.Parent ?? throw new DirectoryNotFoundException($"No Serverless.sln above {AppContext.BaseDirectory}.");
        var folder = Path.Combine(web.FullName, "functions", "web");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules")), "The page was not built: build without -p:SkipPage=true.");
        var start = new ProcessStartInfo("npm", ["test", "--silent"])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        // Node would take part in the outer run's reporting.
        start.Environment.Remove("NODE_TEST_CONTEXT");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var text = await output + await errors;
        Assert.True(process.ExitCode == 0, text);
        Assert.Matches("(?m)^. (pass|tests) [1-9]", text);
    }
}
