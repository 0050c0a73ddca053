namespace Microsoft.Azure.Functions.Worker;

/// <summary>Which attempt of a retry policy an invocation is.</summary>
public abstract class RetryContext
{
    /// <summary>0 in the first run, then 1, 2, ...</summary>
    public abstract int RetryCount { get; }

    /// <summary>The number of further attempts after the first run; -1 for no end.</summary>
    public abstract int MaxRetryCount { get; }
}
