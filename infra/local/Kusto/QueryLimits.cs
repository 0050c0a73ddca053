namespace Serverless.Local.Kusto;

/// <summary>What one query may use. The defaults of rows and bytes of a result are the service's.</summary>
internal sealed record QueryLimits
{
    /// <summary>Characters of a query.</summary>
    public int MaxQueryLength { get; init; } = 1_000_000;

    /// <summary>Rows of the result.</summary>
    public int MaxResultRows { get; init; } = 500_000;

    /// <summary>Bytes of the result.</summary>
    public long MaxResultBytes { get; init; } = 64 << 20;

    /// <summary>Bytes that sorts, joins, groups and materialized results hold together.</summary>
    public long MaxMemoryBytes { get; init; } = 512L << 20;

    /// <summary>Rows that a step may make or read, over the whole query.</summary>
    public long MaxRows { get; init; } = 200_000_000;

    /// <summary>How long it may run.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Expressions and steps of a query after functions were put in their places.</summary>
    public int MaxNodes { get; init; } = 20_000;
}
