using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>Which host and which instance of a service a resource names.</summary>
internal static class SpanOrigin
{
    // By what Jaeger's clock skew adjuster goes by, then what its older clients sent, then what names a process.
    private static readonly string[] HostKeys =
        ["host.id", "host.ip", "ip", "host.name", "hostname", "k8s.pod.name", "service.instance.id"];

    /// <summary>The attributes that name an instance, the most exact first.</summary>
    public static readonly string[] InstanceKeys = ["service.instance.id", "k8s.pod.name", "host.name", "hostname", "ip", "host.ip", "host.id"];

    /// <summary>The host's name or address; empty where none is named.</summary>
    public static string HostOf(Resource resource) => resource.KnownHost ??= FindHost(resource);
    /// <summary>The instance's id, name or address; empty where none is named.</summary>
    public static string InstanceOf(Resource resource) => resource.KnownInstance ??= FindInstance(resource);

    private static string FindHost(Resource resource)
    {
        var address = AddressOf(resource);
        return address.Length > 0 ? address : First(resource, HostKeys);
    }

    private static string FindInstance(Resource resource)
    {
        var instance = First(resource, InstanceKeys);
        return instance.Length > 0 ? instance : AddressOf(resource);
    }

    private static string AddressOf(Resource resource) =>
        (resource.LocalEndpoint?.Ipv4 ?? resource.LocalEndpoint?.Ipv6)?.ToString() ?? "";

    private static string First(Resource resource, string[] keys)
    {
        foreach (var key in keys)
        {
            if (AttributeText.Find(resource.Attributes, key) is { Length: > 0 } text)
                return text;
        }

        return "";
    }
}
