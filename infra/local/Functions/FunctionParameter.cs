namespace Serverless.Local;

/// <summary>What a parameter of a function takes.</summary>
internal enum ParameterKind
{
    /// <summary>The trigger's input.</summary>
    Trigger,

    /// <summary>The invocation.</summary>
    Context,

    /// <summary>The token that ends the invocation.</summary>
    Cancellation,

    /// <summary>A value of the request's route, by the parameter's name.</summary>
    RouteValue,
}

/// <summary>A parameter of a function.</summary>
internal readonly record struct FunctionParameter(ParameterKind Kind, string Name);
