namespace Serverless.Functions.Querying.Zipkin;

/// <summary>
/// What Zipkin's page is told by <c>/zipkin/config.json</c>, with the defaults of Zipkin's server (ZipkinUiProperties); each is the
/// configuration key <c>Tracing:ZipkinPage:Name</c>.
/// </summary>
/// <remarks>The page takes what is 0, false or empty for not set (except within <c>dependency</c>), and uses its own default then.</remarks>
public sealed class ZipkinPageSettings
{
    /// <summary>A name for the system, shown at the top.</summary>
    public string Environment { get; init; } = "";

    /// <summary>How many traces a search asks for at first.</summary>
    public int QueryLimit { get; init; } = 10;

    /// <summary>How far back a search looks at first, in milliseconds.</summary>
    public long DefaultLookback { get; init; } = 900_000;

    /// <summary>An address that shows a trace's logs; <c>{traceId}</c> in it stands for the id. Empty for none.</summary>
    public string LogsUrl { get; init; } = "";

    /// <summary>The address of those who help. Empty for none.</summary>
    public string SupportUrl { get; init; } = "";

    /// <summary>Where the page posts a trace that is to be kept. Empty for no such button.</summary>
    public string ArchivePostUrl { get; init; } = "";

    /// <summary>Where a kept trace is shown; <c>{traceId}</c> in it stands for the id. Empty for nowhere.</summary>
    public string ArchiveUrl { get; init; } = "";

    /// <summary>Whether the page shows which service calls which.</summary>
    public bool DependencyEnabled { get; init; } = true;

    /// <summary>The share of failed calls from which a link is shown in yellow.</summary>
    public double LowErrorRate { get; init; } = 0.5;

    /// <summary>The share of failed calls from which a link is shown in red.</summary>
    public double HighErrorRate { get; init; } = 0.75;

    /// <summary>The path under which browsers see the page, where a proxy shows it elsewhere than <c>/zipkin</c>.</summary>
    public string BasePath { get; init; } = "/zipkin";
}
