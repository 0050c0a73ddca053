using System.Reflection;
using System.Text.RegularExpressions;
using Azure.Messaging.EventHubs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Local;

/// <summary>Finds the functions of an app and checks what can be checked before they run.</summary>
internal sealed partial class FunctionCatalog
{
    private readonly List<FunctionEntry> _functions = [];
    private readonly List<string> _errors = [];

    private FunctionCatalog()
    {
    }

    /// <summary>The functions, in the order of their classes.</summary>
    public IReadOnlyList<FunctionEntry> Functions => _functions;

    /// <summary>The public classes of an assembly.</summary>
    public static IReadOnlyList<Type> TypesOf(Assembly assembly) => [.. assembly.GetTypes().Where(t => t is { IsClass: true, IsVisible: true })];

    /// <summary>Finds the functions of these classes.</summary>
    /// <exception cref="LocalPlatformException">Some cannot be run; the message says which and why.</exception>
    public static FunctionCatalog Find(IEnumerable<Type> types)
    {
        const BindingFlags Methods = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var catalog = new FunctionCatalog();
        foreach (var type in types)
        {
            foreach (var method in type.GetMethods(Methods))
            {
                if (method.IsDefined(typeof(FunctionAttribute), inherit: false))
                    catalog.Add(method);
            }
        }

        foreach (var group in catalog._functions.GroupBy(f => f.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            catalog._errors.Add($"Function '{group.Key}' is declared more than once: {string.Join(", ", group.Select(f => Place(f.Method)))}.");
        return catalog._errors.Count == 0 ? catalog : throw Refused(catalog._errors);
    }

    /// <summary>The exception that lists what is wrong with an app's functions.</summary>
    public static LocalPlatformException Refused(IReadOnlyList<string> errors) =>
        new($"The functions cannot be started:\n{string.Join('\n', errors.Select(e => $"- {e}"))}");

    private void Add(MethodInfo method)
    {
        var name = "";
        try
        {
            name = method.GetCustomAttribute<FunctionAttribute>()!.Name;
            if (Describe(name, method) is { } entry)
                _functions.Add(entry);
        }
        catch (Exception e) when (e is ArgumentException or CustomAttributeFormatException)
        {
            _errors.Add($"Function '{name}' ({Place(method)}): {e.Message}");
        }
    }

    private FunctionEntry? Describe(string name, MethodInfo method)
    {
        var before = _errors.Count;
        void Fail(string error) => _errors.Add($"Function '{name}' ({Place(method)}): {error}");

        if (!NamePattern().IsMatch(name) || name.Equals("host", StringComparison.OrdinalIgnoreCase))
            Fail("a name is a letter and up to 127 letters, digits, '-' and '_', and not 'host'.");
        if (!method.IsStatic && method.DeclaringType!.IsAbstract)
            Fail("its class is abstract.");
        if (method.ContainsGenericParameters)
            Fail("it is generic.");
        // Asked for once: while another thread asks for the first time, each answer may be other objects.
        var declared = method.GetParameters();
        var triggers = declared
            .Select(p => (Parameter: p, Attribute: TriggerOf(p))).Where(p => p.Attribute is not null).ToArray();
        if (triggers.Length != 1)
        {
            Fail($"a function has one parameter with a trigger attribute, this one has {triggers.Length}.");
            return null;
        }

        var trigger = triggers[0].Attribute!;
        var retry = method.GetCustomAttribute<RetryAttribute>();
        CheckTrigger(triggers[0].Parameter, trigger, Fail);
        CheckReturned(method, trigger, Fail);
        if (retry is not null && trigger is HttpTriggerAttribute)
            Fail("the host has no retry policies for HTTP triggers.");
        if (retry is { MaxRetryCount: < -1 })
            Fail("maxRetryCount must be -1 (no end) or more.");
        var parameters = declared.Select(p => Bind(p, trigger, p == triggers[0].Parameter, Fail)).ToArray();
        return _errors.Count > before ? null : new FunctionEntry
        {
            EntryName = name,
            Method = method,
            Trigger = trigger,
            Parameters = parameters,
            Retry = RetryPolicy.From(retry),
            Invoker = new FunctionInvoker(method),
        };
    }

    private static Attribute? TriggerOf(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<HttpTriggerAttribute>()
        ?? parameter.GetCustomAttribute<EventHubTriggerAttribute>()
        ?? (Attribute?)parameter.GetCustomAttribute<TimerTriggerAttribute>();

    private static void CheckTrigger(ParameterInfo parameter, Attribute trigger, Action<string> fail)
    {
        var type = parameter.ParameterType;
        switch (trigger)
        {
            case HttpTriggerAttribute http:
                if (type != typeof(HttpRequest))
                    fail($"parameter '{parameter.Name}' of an HTTP trigger must be an HttpRequest, not {type.Name}.");
                if (http.EffectiveLevel == AuthorizationLevel.User || !Enum.IsDefined(http.EffectiveLevel))
                    fail($"parameter '{parameter.Name}': the host does not offer AuthorizationLevel.{http.EffectiveLevel}.");
                foreach (var verb in http.Methods ?? [])
                {
                    if (string.IsNullOrWhiteSpace(verb) || !verb.All(char.IsAsciiLetter))
                        fail($"parameter '{parameter.Name}': '{verb}' is no HTTP method.");
                }

                break;
            case EventHubTriggerAttribute hub:
                var expected = hub.IsBatched ? typeof(EventData[]) : typeof(EventData);
                if (type != expected)
                    fail($"parameter '{parameter.Name}' of an event hub trigger with IsBatched = {(hub.IsBatched ? "true" : "false")} must be {expected.Name}, not {type.Name}.");
                if (string.IsNullOrWhiteSpace(hub.EventHubName))
                    fail($"parameter '{parameter.Name}' names no event hub.");
                break;
            case TimerTriggerAttribute when type != typeof(TimerInfo):
                fail($"parameter '{parameter.Name}' of a timer trigger must be a TimerInfo, not {type.Name}.");
                break;
        }
    }

    private static void CheckReturned(MethodInfo method, Attribute trigger, Action<string> fail)
    {
        var type = method.ReturnType;
        if (!FunctionInvoker.Supports(type))
            fail($"it returns {type.Name}; void, Task, ValueTask, IResult and Task<IResult> are possible.");
        else if (FunctionInvoker.ReturnsResult(type) && trigger is not HttpTriggerAttribute)
            fail($"it returns {type.Name}, which only an HTTP function can.");
        else if (type == typeof(void) && method.IsDefined(typeof(System.Runtime.CompilerServices.AsyncStateMachineAttribute), inherit: false))
            fail("it is async void; return Task.");
    }

    private static FunctionParameter Bind(ParameterInfo parameter, Attribute trigger, bool isTrigger, Action<string> fail)
    {
        var name = parameter.Name ?? "";
        var type = parameter.ParameterType;
        if (isTrigger)
            return new FunctionParameter(ParameterKind.Trigger, name);
        if (type == typeof(FunctionContext))
            return new FunctionParameter(ParameterKind.Context, name);
        if (type == typeof(CancellationToken))
            return new FunctionParameter(ParameterKind.Cancellation, name);
        if (type != typeof(string) || trigger is not HttpTriggerAttribute http)
        {
            fail($"parameter '{name}' is a {type.Name}, which nothing fills; FunctionContext, CancellationToken and, for HTTP, "
                + "a string named as a parameter of the route are possible.");
        }
        else if (!RouteParameter(name).IsMatch(http.Route ?? ""))
        {
            fail($"parameter '{name}' is not in the route '{http.Route}'.");
        }

        return new FunctionParameter(ParameterKind.RouteValue, name);
    }

    private static string Place(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private static Regex RouteParameter(string name) => new($@"\{{\*{{0,2}}{Regex.Escape(name)}[}}:?=]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,127}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
