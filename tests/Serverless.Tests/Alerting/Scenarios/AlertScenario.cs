using Serverless.Tests.Scenarios;

namespace Serverless.Tests.Alerting.Scenarios;

/// <summary>
/// How a shipped rule is checked over the whole app: for a while all is well and nobody is told anything; then something goes wrong, and receivers are told once
/// of the alert, and of no other that it does not lead to as well; then it is well again, and they are told once more.
/// </summary>
internal sealed class AlertScenario(ScenarioApp app, string rule)
{
    private static readonly TimeSpan LongestUntilFiring = TimeSpan.FromMinutes(40);
    private static readonly TimeSpan LongestUntilResolved = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>For how long all is well before.</summary>
    public TimeSpan Before { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What happens in a minute in which all is well.</summary>
    public Func<Task> Ordinary { get; init; } = () => app.PostAsync(Traffic.Ordinary(app.Now));

    /// <summary>What goes wrong, once.</summary>
    public Func<Task> Breaks { get; init; } = () => Task.CompletedTask;

    /// <summary>What happens in a minute while something is wrong; what is ordinary where nothing is said.</summary>
    public Func<Task>? Disturbed { get; init; }

    /// <summary>What makes it well again, once.</summary>
    public Func<Task> Heals { get; init; } = () => Task.CompletedTask;

    /// <summary>The labels of the alert, or of each of them.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Rules that the same disturbance leads to.</summary>
    public IReadOnlyList<string> Also { get; init; } = [];

    public async Task RunAsync()
    {
        await app.PassAsync(Before, Ordinary);
        Assert.Empty(app.Notices());
        await Breaks();
        await app.UntilAsync(() => Told("firing"), LongestUntilFiring, Disturbed ?? Ordinary, $"{rule} fires");
        await app.PassAsync(Minute, Disturbed ?? Ordinary);
        await Heals();
        await app.UntilAsync(() => Told("resolved") && AllEnded(), LongestUntilResolved, Ordinary, $"{rule} and what came with it are resolved");
        await app.PassAsync(5 * Minute, Ordinary);

        var notices = app.Notices();
        foreach (var labels in Labels)
        {
            Assert.Equal(
                [new Notice(rule, "firing", labels), new Notice(rule, "resolved", labels)], notices.Where(notice => notice.Rule == rule && notice.Labels == labels));
        }

        Assert.Equal(Labels.Count * 2, notices.Count(notice => notice.Rule == rule));
        var others = notices.Where(notice => notice.Rule != rule).ToList();
        Assert.All(others, notice => Assert.Contains(notice.Rule, Also));
        Assert.Equal(others.Distinct(), others);
    }

    private bool Told(string status) => app.Notices().Count(notice => notice.Rule == rule && notice.Status == status) >= Labels.Count;

    private bool AllEnded() => app.Notices().GroupBy(notice => (notice.Rule, notice.Labels)).All(alert => alert.Last().Status == "resolved");
}
