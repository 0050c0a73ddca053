using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Serverless.Local;

/// <summary>
/// How large a request's body may be: in Azure the host's limit, and before it the limit of the worker's own Kestrel
/// (30,000,000 bytes unless the app configures <see cref="KestrelServerOptions"/>). Here one Kestrel has both.
/// </summary>
internal sealed class HttpLimits
{
    /// <summary>The host's limit (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT).</summary>
    public const long HostBodyBytes = 104_857_600;

    /// <summary>Whether the limit that applies is the host's.</summary>
    public bool IsHostLimit { get; private set; }

    /// <summary>Lowers what the app configured to the host's limit.</summary>
    public void Apply(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        IsHostLimit = options.Limits.MaxRequestBodySize is null or >= HostBodyBytes;
        if (IsHostLimit)
            options.Limits.MaxRequestBodySize = HostBodyBytes;
    }
}
