using System.Diagnostics;

namespace Serverless.Tests.Local.Functions;

internal static class Poll
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(condition, () => what);

    public static async Task UntilAsync(Func<bool> condition, Func<string> what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Deadline)
                Assert.Fail($"Waited {Deadline} in vain for {what()}.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
