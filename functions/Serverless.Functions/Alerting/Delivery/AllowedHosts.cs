namespace Serverless.Functions.Alerting.Delivery;

/// <summary>The hosts that may be called. Whoever may set a receiver's address may not by that reach everything that this app reaches.</summary>
internal sealed class AllowedHosts
{
    private const string PlainPrefix = "http://";

    private readonly List<(string Host, int? Port, bool IsPlain)> _hosts = [];

    /// <summary>Reads the list: <c>host</c> or <c>host:port</c>, with <c>http://</c> before it where calls are not encrypted.</summary>
    public AllowedHosts(IEnumerable<string> hosts)
    {
        foreach (var entry in hosts)
        {
            var isPlain = entry.StartsWith(PlainPrefix, StringComparison.OrdinalIgnoreCase);
            var authority = isPlain ? entry[PlainPrefix.Length..] : entry;
            if (Uri.TryCreate($"https://{authority.TrimEnd('/')}/", UriKind.Absolute, out var address) && address.AbsolutePath == "/")
                _hosts.Add((address.Host, HasPort(authority) ? address.Port : null, isPlain));
        }
    }

    /// <summary>Why an address may not be called; null where it may.</summary>
    public string? Refuses(Uri address)
    {
        var isPlain = address.Scheme == Uri.UriSchemeHttp;
        if (!isPlain && address.Scheme != Uri.UriSchemeHttps)
            return $"its address begins with {address.Scheme}://, and only https:// can be called.";
        if (address.UserInfo.Length > 0)
            return "its address has a user and password; set Authorization instead.";
        var same = _hosts.Where(h => string.Equals(h.Host, address.Host, StringComparison.OrdinalIgnoreCase)
            && (h.Port is { } port ? port == address.Port : address.IsDefaultPort)).ToArray();
        var wanted = address.IsDefaultPort ? address.Host : $"{address.Host}:{address.Port}";
        if (same.Length == 0)
            return $"its host {wanted} is not among those that may be called; add it to Tracing:Alerts:AllowedHosts.";
        return isPlain && !same.Any(h => h.IsPlain)
            ? $"its host {wanted} may only be called with https://; to call it unencrypted, list it as {PlainPrefix}{wanted}."
            : null;
    }

    // Uri leaves out the port that is the scheme's own.
    private static bool HasPort(string authority) => authority.LastIndexOf(':') > authority.LastIndexOf(']');
}
