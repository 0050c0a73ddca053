namespace Serverless.Functions.Buffering;

/// <summary>Spans were not accepted, and the sender should send them again.</summary>
/// <param name="message">What to tell the sender.</param>
/// <param name="retryAfterSeconds">When it may try again.</param>
/// <param name="inner">What happened.</param>
public sealed class PublishException(string message, int retryAfterSeconds, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>When the sender may try again, in seconds.</summary>
    public int RetryAfterSeconds { get; } = retryAfterSeconds;
}
