namespace Serverless.Tracing.Search;

/// <summary>
/// Between which moments the spans of a candidate's digests begin, in nanoseconds since 1970. Once blocks are merged, the same digests may be known more
/// closely: neither moment then lies outside these.
/// </summary>
/// <param name="EarliestNs">None begins earlier; 0 where a digest's spans have no start.</param>
/// <param name="LatestNs">None begins later.</param>
public readonly record struct CandidateStarts(ulong EarliestNs, ulong LatestNs);
