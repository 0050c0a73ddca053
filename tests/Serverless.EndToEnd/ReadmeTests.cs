using System.Diagnostics;
using System.Text.RegularExpressions;
using Serverless.EndToEnd.Harness;

namespace Serverless.EndToEnd;

/// <summary>The README's commands, run as they stand there, in their order.</summary>
public sealed partial class ReadmeTests
{
    // The first run builds the app and the page.
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(8);

    /// <summary>What a command's output must hold, by a part of the command.</summary>
    private static readonly (string Part, string Expected)[] Expectations =
    [
        ("/api/v2/spans", "202 Accepted"),
        ("/api/v2/trace/", "\"name\":\"get /cart\""),
        ("/api/traces?service", "\"operationName\":\"get /cart\""),
        ("/query/v1/traces/", "\"complete\""),
        ("/api/dependencies", "\"data\":["),
        ("/api/ledger", "\"stage\":\"accepted\""),
        ("/api/v1/alerts", "\"status\":\"success\""),
        ("/health", "\"status\":\"up\""),
    ];

    [Fact]
    public async Task Every_command_of_the_README_does_what_the_README_says()
    {
        using var folder = new TestFolder();
        var root = Root();
        var commands = Commands().Matches(await File.ReadAllTextAsync(Path.Combine(root, "README.md"), TestContext.Current.CancellationToken))
            .Select(match => match.Groups["command"].Value.Trim()).ToList();
        Assert.StartsWith("dotnet run", commands[0], StringComparison.Ordinal);
        Assert.Equal("dotnet test", commands[^1]);
        Assert.Contains("\ndotnet test ", await File.ReadAllTextAsync(Path.Combine(root, ".ci", "run"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        using var system = Start(root, folder.Path, commands[0]);
        try
        {
            await ReadyAsync(system);
            foreach (var command in commands[1..^1])
            {
                var expected = Expectations.FirstOrDefault(pair => command.Contains(pair.Part, StringComparison.Ordinal)).Expected;
                Assert.True(expected is not null, $"Say here what the output of this command of the README must hold: {command}");
                await EventuallyPrintsAsync(root, folder.Path, command, expected);
            }
        }
        finally
        {
            system.Kill(entireProcessTree: true);
            await system.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static Process Start(string root, string folder, string command)
    {
        var start = new ProcessStartInfo("bash")
        {
            WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        start.Environment["SERVERLESS_DATA"] = folder;
        return Process.Start(start)!;
    }

    private static async Task ReadyAsync(Process system)
    {
        using var deadline = new CancellationTokenSource(StartPatience);
        var errors = system.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = new List<string>();
        while (await system.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            output.Add(line);
            if (!line.StartsWith("Ready in ", StringComparison.Ordinal))
                continue;
            // Nobody reads on: what it writes later must not fill the pipe.
            _ = system.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return;
        }

        Assert.Fail($"The system ended before it was ready:\n{string.Join('\n', output)}\n{await errors}");
    }

    private static async Task EventuallyPrintsAsync(string root, string folder, string command, string expected)
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            using var process = Start(root, folder, command);
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode == 0 && output.Contains(expected, StringComparison.Ordinal))
                return;
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(20), $"{command}\nprinted, but without {expected}:\n{output}\n{await errors}");
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex("^```sh\n(?<command>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Commands();
}
