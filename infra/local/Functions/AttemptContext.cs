using Microsoft.Azure.Functions.Worker;

namespace Serverless.Local;

/// <summary>Which attempt of a retry policy an invocation is.</summary>
internal sealed class AttemptContext(int retryCount, int maxRetryCount) : RetryContext
{
    /// <inheritdoc/>
    public override int RetryCount => retryCount;

    /// <inheritdoc/>
    public override int MaxRetryCount => maxRetryCount;
}
