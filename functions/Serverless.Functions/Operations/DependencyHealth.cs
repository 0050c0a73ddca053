namespace Serverless.Functions.Operations;

/// <summary>How a dependency does.</summary>
/// <param name="Name">The dependency.</param>
/// <param name="Status"><see cref="Up"/> or <see cref="Down"/>.</param>
/// <param name="Detail">What it said, or what is wrong.</param>
/// <param name="Milliseconds">How long it took to answer.</param>
public sealed record DependencyHealth(string Name, string Status, string Detail, double Milliseconds)
{
    /// <summary>It works.</summary>
    public const string Up = "up";

    /// <summary>It does not.</summary>
    public const string Down = "down";
}
