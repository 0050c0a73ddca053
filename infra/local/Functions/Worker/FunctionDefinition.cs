namespace Microsoft.Azure.Functions.Worker;

/// <summary>A function.</summary>
public abstract class FunctionDefinition
{
    /// <summary>Identifies the function.</summary>
    public abstract string Id { get; }

    /// <summary>The function's name.</summary>
    public abstract string Name { get; }
}
