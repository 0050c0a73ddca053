namespace Serverless.Local;

/// <summary>What differs between a runner in its own process and one inside a test.</summary>
internal sealed class RunnerSetup
{
    /// <summary>The classes to search for functions; null for the public ones of the entry assembly.</summary>
    public IReadOnlyList<Type>? Types { get; init; }

    /// <summary>The clock of the platform, its timers and its retries.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The text of host.json; null for the file beside the app.</summary>
    public string? HostJson { get; init; }

    /// <summary>Where the runner says what it listens on.</summary>
    public TextWriter Output { get; init; } = Console.Out;

    /// <summary>Where the runner says what is wrong.</summary>
    public TextWriter Errors { get; init; } = Console.Error;

    /// <summary>Whether an error that keeps the runner from starting ends the process; it is thrown otherwise.</summary>
    public bool ExitsProcess { get; init; }

    /// <summary>How long running event hub and timer invocations may go on when the host stops.</summary>
    public TimeSpan TriggerGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long running requests may go on when the host stops.</summary>
    public TimeSpan RequestGrace { get; init; } = TimeSpan.FromSeconds(30);
}
