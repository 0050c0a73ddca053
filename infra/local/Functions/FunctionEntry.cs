using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Local;

/// <summary>A function that was found: its name, its trigger, and how it is called.</summary>
internal sealed class FunctionEntry : FunctionDefinition
{
    /// <inheritdoc/>
    public override string Id => Name;

    /// <inheritdoc/>
    public override string Name => EntryName;

    /// <summary>The name in <see cref="FunctionAttribute"/>.</summary>
    public required string EntryName { get; init; }

    /// <summary>The method with the attribute.</summary>
    public required MethodInfo Method { get; init; }

    /// <summary>The trigger's attribute.</summary>
    public required Attribute Trigger { get; init; }

    /// <summary>What each parameter takes.</summary>
    public required IReadOnlyList<FunctionParameter> Parameters { get; init; }

    /// <summary>The retry policy; null for none.</summary>
    public required RetryPolicy? Retry { get; init; }

    /// <summary>Calls the method.</summary>
    public required FunctionInvoker Invoker { get; init; }

    /// <summary>Whether a parameter takes the <see cref="FunctionContext"/>.</summary>
    public bool TakesContext => Parameters.Any(p => p.Kind == ParameterKind.Context);
}
