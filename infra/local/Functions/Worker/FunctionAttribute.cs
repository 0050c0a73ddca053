namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a method as a function.</summary>
/// <param name="name">The function's name: a letter, then letters, digits, <c>-</c> and <c>_</c>; unique in the app.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FunctionAttribute(string name) : Attribute
{
    /// <summary>The function's name.</summary>
    public string Name { get; } = name;
}
