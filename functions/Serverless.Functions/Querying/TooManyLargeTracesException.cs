namespace Serverless.Functions.Querying;

/// <summary>As many large traces as may be are being answered, and none was finished for a while.</summary>
public sealed class TooManyLargeTracesException() : Exception(
    "Several large traces are being answered at this time; the request is right, send it again later.")
{
    /// <summary>When to come back, in seconds.</summary>
    public const int RetryAfterSeconds = 5;
}
