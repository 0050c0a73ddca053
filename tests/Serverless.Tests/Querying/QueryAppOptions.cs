namespace Serverless.Tests.Querying;

/// <summary>What differs from an app that runs as it does for users.</summary>
internal sealed record QueryAppOptions
{
    /// <summary>The clock of the app and of its platform.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The text of host.json; null for the app's own.</summary>
    public string? HostJson { get; init; }

    /// <summary>Which classes of functions the host runs.</summary>
    public Func<Type, bool> Takes { get; init; } = _ => true;

    /// <summary>A folder that stays when the app ends; null for one of its own that is deleted with it.</summary>
    public string? Folder { get; init; }
}
