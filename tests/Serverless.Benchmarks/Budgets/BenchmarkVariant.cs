using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Serverless.Benchmarks.Budgets;

/// <summary>One benchmark method with one choice of parameters and arguments, found through BenchmarkDotNet's own attributes.</summary>
internal sealed class BenchmarkVariant
{
    private static readonly MethodInfo WaitForTask = Method(nameof(Wait), typeof(Task));
    private static readonly MethodInfo WaitForValueTask = Method(nameof(Wait), typeof(ValueTask));

    private readonly MethodInfo _method;
    private readonly (MemberInfo Member, object? Value)[] _parameters;
    private readonly object?[] _arguments;

    private BenchmarkVariant(MethodInfo method, (MemberInfo Member, object? Value)[] parameters, object?[] arguments)
    {
        _method = method;
        _parameters = parameters;
        _arguments = arguments;
        var choices = parameters.Select(parameter => $"{parameter.Member.Name}={Text(parameter.Value)}")
            .Concat(method.GetParameters().Zip(arguments, (parameter, value) => $"{parameter.Name}={Text(value)}"));
        var list = string.Join(", ", choices);
        Name = $"{method.ReflectedType!.Name}.{method.Name}" + (list.Length > 0 ? $"({list})" : "");
    }

    /// <summary>Class.Method(Parameter=value, ...).</summary>
    public string Name { get; }

    /// <summary>All variants of an assembly's public benchmarks, in order of their names.</summary>
    public static IReadOnlyList<BenchmarkVariant> FindAll(Assembly assembly) =>
    [
        .. from type in assembly.GetTypes()
           where type is { IsAbstract: false, IsGenericTypeDefinition: false }
           from method in type.GetMethods()
           where method.IsDefined(typeof(BenchmarkAttribute))
           from parameters in ParameterChoices(type)
           from arguments in ArgumentChoices(method)
           select new BenchmarkVariant(method, parameters, arguments) into variant
           orderby variant.Name
           select variant,
    ];

    /// <summary>Sets the benchmark up and gives it to <paramref name="use"/>: the setups and cleanups run as BenchmarkDotNet runs them.</summary>
    public T Run<T>(Func<Invocation, T> use)
    {
        var instance = Activator.CreateInstance(_method.ReflectedType!)!;
        foreach (var (member, value) in _parameters)
            if (member is PropertyInfo property)
                property.SetValue(instance, value);
            else
                ((FieldInfo)member).SetValue(instance, value);

        Hook<GlobalSetupAttribute>(instance)?.Invoke();
        try
        {
            var operations = _method.GetCustomAttribute<BenchmarkAttribute>()!.OperationsPerInvoke;
            return use(new Invocation(
                Compile(instance, _method, _arguments), operations, Hook<IterationSetupAttribute>(instance), Hook<IterationCleanupAttribute>(instance)));
        }
        finally
        {
            Hook<GlobalCleanupAttribute>(instance)?.Invoke();
            (instance as IDisposable)?.Dispose();
        }
    }

    /// <summary>A benchmark that is set up: the call, how many operations it does, and what runs around it.</summary>
    internal sealed record Invocation(Action Invoke, int Operations, Action? Setup, Action? Cleanup);

    private static IEnumerable<(MemberInfo Member, object? Value)[]> ParameterChoices(Type type)
    {
        IEnumerable<(MemberInfo Member, object? Value)[]> choices = [[]];
        foreach (var member in type.GetMembers().Where(member => member is PropertyInfo or FieldInfo))
        {
            var values = member.GetCustomAttribute<ParamsAttribute>()?.Values.AsEnumerable()
                ?? (member.GetCustomAttribute<ParamsSourceAttribute>() is { } source ? Source(type, source.Name) : null);
            if (values is not null)
                choices = choices.SelectMany(_ => values, (rest, value) => rest.Append((member, value)).ToArray()).ToList();
        }

        return choices;
    }

    private static IEnumerable<object?[]> ArgumentChoices(MethodInfo method)
    {
        if (method.GetParameters().Length == 0)
            return [[]];
        return method.GetCustomAttribute<ArgumentsSourceAttribute>() is { } source
            ? Source(method.ReflectedType!, source.Name).Select(value => value as object?[] ?? [value])
            : method.GetCustomAttributes<ArgumentsAttribute>().Select(arguments => arguments.Values);
    }

    private static IEnumerable<object?> Source(Type type, string name)
    {
        var instance = Activator.CreateInstance(type);
        var values = type.GetProperty(name)?.GetValue(instance) ?? type.GetMethod(name, [])?.Invoke(instance, null);
        return values is System.Collections.IEnumerable sequence
            ? sequence.Cast<object?>().ToList()
            : throw new InvalidOperationException($"{type.Name}.{name} is not a public property or method that returns values.");
    }

    private Action? Hook<TAttribute>(object instance)
        where TAttribute : TargetedAttribute
    {
        var hook = instance.GetType().GetMethods().FirstOrDefault(method => method.GetCustomAttribute<TAttribute>() is { } attribute
            && (attribute.Targets is not { Length: > 0 } targets || targets.Contains(_method.Name)));
        return hook is null ? null : Compile(instance, hook, []);
    }

    /// <summary>Makes a call that allocates nothing of its own; tasks are waited for, as BenchmarkDotNet does.</summary>
    private static Action Compile(object instance, MethodInfo method, object?[] arguments)
    {
        var values = method.GetParameters().Select((parameter, i) => Expression.Constant(arguments[i], parameter.ParameterType));
        Expression call = Expression.Call(method.IsStatic ? null : Expression.Constant(instance), method, values);
        var type = method.ReturnType;
        if (typeof(Task).IsAssignableFrom(type))
            call = Expression.Call(WaitForTask, call);
        else if (type == typeof(ValueTask))
            call = Expression.Call(WaitForValueTask, call);
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>))
            call = Expression.Call(typeof(BenchmarkVariant), nameof(WaitForValue), type.GetGenericArguments(), call);
        return Expression.Lambda<Action>(call).Compile();
    }

    private static void Wait(Task task) => task.GetAwaiter().GetResult();

    private static void Wait(ValueTask task)
    {
        if (task.IsCompletedSuccessfully)
            task.GetAwaiter().GetResult();
        else
            task.AsTask().GetAwaiter().GetResult();
    }

    private static void WaitForValue<T>(ValueTask<T> task)
    {
        if (task.IsCompletedSuccessfully)
            task.GetAwaiter().GetResult();
        else
            task.AsTask().GetAwaiter().GetResult();
    }

    private static MethodInfo Method(string name, Type parameter) =>
        typeof(BenchmarkVariant).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static, [parameter])!;

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "null";
}
