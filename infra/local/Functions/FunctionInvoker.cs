using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Local;

/// <summary>Makes the instance and calls the method of a function, and awaits what it returns.</summary>
internal sealed class FunctionInvoker
{
    private static readonly MethodInfo OpenUnwrap = typeof(FunctionInvoker).GetMethod(nameof(Unwrap), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly MethodInvoker _method;
    private readonly Func<IServiceProvider, object>? _create;
    private readonly Func<object, ValueTask<IResult?>>? _unwrap;

    public FunctionInvoker(MethodInfo method)
    {
        _method = MethodInvoker.Create(method);
        _create = method.IsStatic ? null : Factory(method.DeclaringType!);
        if (IsTaskOfOtherResult(method.ReturnType))
            _unwrap = OpenUnwrap.MakeGenericMethod(method.ReturnType.GetGenericArguments()[0]).CreateDelegate<Func<object, ValueTask<IResult?>>>();
    }

    /// <summary>Whether a method that returns this can be a function.</summary>
    public static bool Supports(Type returned) =>
        returned == typeof(void) || returned == typeof(Task) || returned == typeof(ValueTask)
        || IsResult(returned) || returned == typeof(ValueTask<IResult>) || IsTaskOfResult(returned);

    /// <summary>Whether the returned type says what to answer.</summary>
    public static bool ReturnsResult(Type returned) => returned != typeof(void) && returned != typeof(Task) && returned != typeof(ValueTask);

    /// <summary>Calls the function; the result is null where it has none.</summary>
    public ValueTask<IResult?> InvokeAsync(IServiceProvider services, object?[] arguments)
    {
        object? returned;
        try
        {
            returned = _method.Invoke(_create?.Invoke(services), arguments.AsSpan());
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            return ValueTask.FromException<IResult?>(inner);
        }
        catch (Exception e)
        {
            return ValueTask.FromException<IResult?>(e);
        }

        return returned switch
        {
            null => default,
            Task<IResult> task => new ValueTask<IResult?>(task!),
            Task task => _unwrap is null ? Complete(task) : _unwrap(task),
            IResult result => new ValueTask<IResult?>(result),
            ValueTask task => Complete(task.AsTask()),
            ValueTask<IResult> task => new ValueTask<IResult?>(task.AsTask()!),
            _ => throw new InvalidOperationException($"A function returned {returned.GetType()}."),
        };
    }

    private static async ValueTask<IResult?> Complete(Task task)
    {
        await task;
        return null;
    }

    private static async ValueTask<IResult?> Unwrap<T>(object task)
        where T : IResult => await (Task<T>)task;

    private static bool IsResult(Type type) => typeof(IResult).IsAssignableFrom(type);

    private static bool IsTaskOfResult(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>) && IsResult(type.GetGenericArguments()[0]);

    private static bool IsTaskOfOtherResult(Type type) => type != typeof(Task<IResult>) && IsTaskOfResult(type);

    // ActivatorUtilities compiles expressions on first use, which costs more than the whole start; it is kept for what is out of the ordinary.
    private static Func<IServiceProvider, object> Factory(Type type)
    {
        var constructors = type.GetConstructors();
        if (constructors.Length != 1)
            return services => ActivatorUtilities.CreateInstance(services, type);
        var parameters = constructors[0].GetParameters();
        if (parameters.Any(p => p.HasDefaultValue || p.CustomAttributes.Any(a => a.AttributeType == typeof(FromKeyedServicesAttribute))))
            return services => ActivatorUtilities.CreateInstance(services, type);
        var invoker = ConstructorInvoker.Create(constructors[0]);
        if (parameters.Length == 0)
            return _ => invoker.Invoke();
        var types = Array.ConvertAll(parameters, p => p.ParameterType);
        return services =>
        {
            var arguments = new object?[types.Length];
            for (var i = 0; i < types.Length; i++)
                arguments[i] = services.GetRequiredService(types[i]);
            return invoker.Invoke(arguments.AsSpan());
        };
    }
}
