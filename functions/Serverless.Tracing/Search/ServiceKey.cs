namespace Serverless.Tracing.Search;

/// <summary>The key that a service's search blocks lie under: its name in lower case, so that Zipkin's lower-cased lookups find them.</summary>
public static class ServiceKey
{
    /// <summary>The key of a service; empty for spans whose sender named none.</summary>
    public static string Of(string serviceName) => serviceName.ToLowerInvariant();
}
