namespace Microsoft.Azure.Functions.Worker;

/// <summary>How often a failed invocation of an event hub or timer function is tried again.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    /// <summary>The number of further attempts; -1 for no end.</summary>
    public int MaxRetryCount { get; set; }
}
