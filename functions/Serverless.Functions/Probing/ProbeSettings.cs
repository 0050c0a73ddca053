namespace Serverless.Functions.Probing;

/// <summary>Where the prober sends its traces; keys <c>Tracing:Probe:Name</c>.</summary>
public sealed class ProbeSettings
{
    /// <summary>The public address of the system that is probed, as senders use it; empty, and nothing is probed.</summary>
    public string Url { get; init; } = "";

    /// <summary>A function key, sent as <c>x-functions-key</c>; empty for none.</summary>
    public string Key { get; init; } = "";

    /// <summary>What becomes visible later than this is late, in seconds from the answer to the post.</summary>
    public double LateSeconds { get; init; } = 60;

    /// <summary>For how long a probe is looked for, in seconds from the answer to the post; then it has failed.</summary>
    public double DeadlineSeconds { get; init; } = 300;

    /// <summary>Whether anything is probed.</summary>
    public bool IsEnabled => Url.Length > 0;

    /// <summary>The address with a path behind it.</summary>
    /// <exception cref="InvalidOperationException">The address is none.</exception>
    public Uri Address(string path) =>
        Uri.TryCreate(Url.TrimEnd('/') + path, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : throw new InvalidOperationException($"Set Tracing:Probe:Url to an address such as https://traces.example.com, not '{Url}'.");
}
