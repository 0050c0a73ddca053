namespace Serverless.Functions.Finalizing;

/// <summary>A trace cannot be finalized; the others of its item can.</summary>
/// <param name="reason">The reason in one word, for counting.</param>
/// <param name="message">What is wrong with it, after "Trace ... is not finalized:".</param>
internal sealed class TraceSkippedException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}
