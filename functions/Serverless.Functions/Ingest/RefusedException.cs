using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Ingest;

/// <summary>A request is refused before its spans are looked at.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="reason">What the refusal is counted under.</param>
/// <param name="message">What to tell the sender.</param>
/// <param name="retryAfterSeconds">When it may try again, or 0 where that would not help.</param>
/// <param name="inner">What is wrong, for those who have their own words for it.</param>
public sealed class RefusedException(int status, LedgerReason reason, string message, int retryAfterSeconds = 0, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>What the refusal is counted under.</summary>
    public LedgerReason Reason { get; } = reason;

    /// <summary>When the sender may try again, in seconds, or 0.</summary>
    public int RetryAfterSeconds { get; } = retryAfterSeconds;
}
