namespace Microsoft.Azure.Functions.Worker;

/// <summary>One invocation of a function.</summary>
public abstract class FunctionContext
{
    /// <summary>Identifies the invocation; another one for each attempt of a retry policy.</summary>
    public abstract string InvocationId { get; }

    /// <summary>Identifies the function, the same in every invocation.</summary>
    public abstract string FunctionId { get; }

    /// <summary>What the trigger tells about its input.</summary>
    public abstract BindingContext BindingContext { get; }

    /// <summary>Which attempt this is. Null where the function has no retry policy, though the type does not say so.</summary>
    public abstract RetryContext RetryContext { get; }

    /// <summary>The services of this invocation's scope.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>The function.</summary>
    public abstract FunctionDefinition FunctionDefinition { get; }

    /// <summary>What code of this invocation leaves for other code of it.</summary>
    public abstract IDictionary<object, object> Items { get; set; }

    /// <summary>Cancelled when the caller is gone, or when the host stops and the time for running invocations is over.</summary>
    public virtual CancellationToken CancellationToken { get; }
}
