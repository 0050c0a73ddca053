namespace Serverless.Functions.Buffering;

/// <summary>The hub did not take an event.</summary>
/// <param name="message">What happened, for the log.</param>
/// <param name="isBusy">True where the hub asked for less traffic, false where it could not be reached or failed.</param>
/// <param name="inner">The service's own exception.</param>
public sealed class HubException(string message, bool isBusy, Exception inner) : Exception(message, inner)
{
    /// <summary>True where the hub asked for less traffic.</summary>
    public bool IsBusy { get; } = isBusy;
}
