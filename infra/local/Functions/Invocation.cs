using System.Collections.ObjectModel;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Local;

/// <summary>One invocation of a function of this process.</summary>
internal sealed class Invocation(FunctionEntry function, IServiceProvider services, CancellationToken cancellation) : FunctionContext
{
    /// <summary>The entry of <see cref="Items"/> that holds an HTTP function's request.</summary>
    public const string HttpContextKey = "HttpRequestContext";

    private string? _id;
    private IDictionary<object, object>? _items;
    private BindingContext? _binding;

    /// <summary>What the trigger tells about its input; made when it is first asked for.</summary>
    public Func<IReadOnlyDictionary<string, object?>>? BindingData { get; init; }

    /// <summary>Which attempt of the retry policy this is; null without a policy.</summary>
    public AttemptContext? Attempt { get; init; }

    /// <summary>The method's arguments; set before it runs.</summary>
    public object?[] Arguments { get; set; } = [];

    /// <summary>What the method returned, where it returns something to answer.</summary>
    public IResult? Result { get; private set; }

    /// <summary>The request of an HTTP function.</summary>
    public HttpContext? Http { get; init; }

    /// <inheritdoc/>
    public override string InvocationId => _id ??= NewId();

    /// <inheritdoc/>
    public override string FunctionId => function.Id;

    /// <inheritdoc/>
    public override BindingContext BindingContext =>
        _binding ??= new Binding(BindingData?.Invoke() ?? ReadOnlyDictionary<string, object?>.Empty);

    /// <inheritdoc/>
    public override RetryContext RetryContext => Attempt!;

    /// <inheritdoc/>
    public override IServiceProvider InstanceServices { get; set; } = services;

    /// <inheritdoc/>
    public override FunctionDefinition FunctionDefinition => function;

    /// <inheritdoc/>
    public override IDictionary<object, object> Items
    {
        get => _items ??= Http is null ? [] : new Dictionary<object, object> { [HttpContextKey] = Http };
        set => _items = value;
    }

    /// <inheritdoc/>
    public override CancellationToken CancellationToken => cancellation;

    /// <summary>Calls the method.</summary>
    public async Task RunAsync() => Result = await function.Invoker.InvokeAsync(InstanceServices, Arguments);

    /// <summary>A new invocation's id.</summary>
    public static string NewId() => Guid.NewGuid().ToString();

    /// <summary>The arguments of the function's method.</summary>
    public static object?[] Bind(FunctionEntry function, object input, Invocation? invocation, CancellationToken cancellation, HttpContext? http)
    {
        var parameters = function.Parameters;
        var arguments = new object?[parameters.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = parameters[i].Kind switch
            {
                ParameterKind.Trigger => input,
                ParameterKind.Context => invocation,
                ParameterKind.Cancellation => cancellation,
                _ => http?.Request.RouteValues[parameters[i].Name] as string,
            };
        }

        return arguments;
    }

    private sealed class Binding(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData { get; } = data;
    }
}
