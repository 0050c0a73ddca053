namespace Serverless.Functions.Alerting.Delivery;

/// <summary>What came of a call.</summary>
/// <param name="Error">Why the message was not taken; null where it was.</param>
/// <param name="IsUnreachable">Whether the receiver as a whole does not work, so that others of its messages need not be tried now.</param>
/// <param name="RetryAfter">When it wants to be asked again; null where it does not say.</param>
internal sealed record SendResult(string? Error, bool IsUnreachable, TimeSpan? RetryAfter)
{
    /// <summary>The receiver took it.</summary>
    public static readonly SendResult Taken = new(null, false, null);
}
