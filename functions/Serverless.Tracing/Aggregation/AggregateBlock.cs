namespace Serverless.Tracing.Aggregation;

/// <summary>The aggregates of a kind and an hour, or a part of them where there are many, as bytes. Blocks add up, in any order.</summary>
/// <param name="Kind">What is counted.</param>
/// <param name="Hour">The hour, in hours since 1970 (UTC).</param>
/// <param name="Part">0, and upwards where one block is not enough for the hour.</param>
/// <param name="Bytes">The content, at most <see cref="MaxBytes"/>; see <see cref="AggregateBlockFormat"/>.</param>
public sealed record AggregateBlock(AggregateKind Kind, long Hour, int Part, byte[] Bytes)
{
    /// <summary>The most bytes of a block: it fits a row of the table storage.</summary>
    public const int MaxBytes = 900_000;
}
