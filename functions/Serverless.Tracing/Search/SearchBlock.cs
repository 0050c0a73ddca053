namespace Serverless.Tracing.Search;

/// <summary>The digests of some traces of one service, packed for a row of the search table.</summary>
/// <remarks>
/// Every start that a block covers lies between <paramref name="OldestStartNs"/> and <paramref name="NewestStartNs"/>, which
/// are at most <see cref="MaxSpanOfStartsNs"/> apart. So a search reads the blocks whose newest start lies from
/// <see cref="SearchFilter.OldestBlockNs"/> to <see cref="SearchFilter.NewestBlockNs"/>, and no others.
/// </remarks>
/// <param name="ServiceKey">The service in lower case (<see cref="Search.ServiceKey"/>), or empty.</param>
/// <param name="NewestStartNs">No span of the block starts later; for spans without a start the time of arrival counts.</param>
/// <param name="OldestStartNs">No span of the block starts earlier.</param>
/// <param name="Digests">How many digests there are.</param>
/// <param name="Bytes">What <see cref="SearchBlockReader"/> reads, at most <see cref="MaxBytes"/>.</param>
public sealed record SearchBlock(string ServiceKey, ulong NewestStartNs, ulong OldestStartNs, int Digests, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The most bytes that a block takes: with its other properties it fits a table row's 64 KB property.</summary>
    public const int MaxBytes = 48 * 1024;

    /// <summary>The most nanoseconds between the starts of a block: an hour.</summary>
    public const ulong MaxSpanOfStartsNs = 3_600_000_000_000;
}
