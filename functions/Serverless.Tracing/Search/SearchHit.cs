namespace Serverless.Tracing.Search;

/// <summary>A digest that may belong to a trace that a search wants.</summary>
/// <param name="TraceLow">The low 64 bits of the trace's id.</param>
/// <param name="NewestStartNs">The digest's newest start in nanoseconds since 1970, rounded up to a microsecond.</param>
/// <param name="Conditions">A bit for each condition that the digest may satisfy (<see cref="SearchFilter.AllConditions"/>).</param>
public readonly record struct SearchHit(ulong TraceLow, ulong NewestStartNs, ulong Conditions)
{
    /// <summary>No span of the digest starts earlier, in nanoseconds since 1970; 0 where its spans have no start.</summary>
    public ulong OldestStartNs { get; init; }
}
