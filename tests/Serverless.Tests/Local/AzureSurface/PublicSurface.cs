using System.Reflection;
using System.Text;

namespace Serverless.Tests.Local.AzureSurface;

/// <summary>Lists public types and members in a C#-like form, in a stable order.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(System.Reflection.Assembly assembly, Func<Type, bool> include)
    {
        var text = new StringBuilder();
        foreach (var space in assembly.GetExportedTypes().Where(include).GroupBy(t => t.Namespace).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append("namespace ").Append(space.Key).Append('\n');
            foreach (var type in space.OrderBy(t => t.FullName, StringComparer.Ordinal))
            {
                text.Append("  ").Append(Heading(type)).Append('\n');
                foreach (var member in Members(type).Order(StringComparer.Ordinal))
                    text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Heading(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"delegate {Name(invoke.ReturnType)} {OwnName(type)}({Parameters(invoke)})";
        }

        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
            : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum))
            bases.Add(Name(parent));
        if (!type.IsEnum)
            bases.AddRange(type.GetInterfaces().Where(i => i.IsVisible).Except(type.BaseType?.GetInterfaces() ?? []).Select(Name).Order(StringComparer.Ordinal));
        return $"{kind} {OwnName(type)}{(bases.Count == 0 ? "" : " : " + string.Join(", ", bases))}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
            yield break;
        if (type.IsEnum)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
                yield return $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}";
            yield break;
        }

        foreach (var constructor in type.GetConstructors(Declared & ~BindingFlags.Static).Where(IsShown))
            yield return $"{Access(constructor)}{OwnName(type)}({Parameters(constructor)})";
        foreach (var field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
            yield return $"{(field.IsPublic ? "" : "protected ")}{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Name(field.FieldType)} {field.Name}";
        foreach (var property in type.GetProperties(Declared))
        {
            var (get, set) = (property.GetMethod is { } g && IsShown(g) ? g : null, property.SetMethod is { } s && IsShown(s) ? s : null);
            if ((get ?? set) is not { } accessor)
                continue;
            var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"this[{string.Join(", ", parameters.Select(Parameter))}]" : property.Name;
            yield return $"{Access(accessor)}{Modifiers(accessor)}{Name(property.PropertyType)} {index} {{ {(get is null ? "" : "get; ")}{(set is null ? "" : IsInit(set) ? "init; " : "set; ")}}}";
        }

        foreach (var one in type.GetEvents(Declared).Where(e => IsShown(e.AddMethod!)))
            yield return $"event {Name(one.EventHandlerType!)} {one.Name}";
        foreach (var method in type.GetMethods(Declared).Where(m => IsShown(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal))))
        {
            var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
            yield return $"{Access(method)}{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
        }
    }

    private static bool IsShown(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsInit(MethodInfo set) =>
        set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit));

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method) =>
        method.IsStatic ? "static "
        : method.DeclaringType!.IsInterface ? ""
        : method.GetBaseDefinition() != method ? "override "
        : method.IsAbstract ? "abstract "
        : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "";

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute), false) ? "this " : "") + string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var modifier = parameter.IsDefined(typeof(ParamArrayAttribute), false) ? "params "
            : parameter.ParameterType.IsByRef ? parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref " : "";
        var value = !parameter.HasDefaultValue ? "" : parameter.DefaultValue switch
        {
            null => " = default",
            string text => $" = \"{text}\"",
            bool flag => flag ? " = true" : " = false",
            var other => $" = {Convert.ToString(other, System.Globalization.CultureInfo.InvariantCulture)}",
        };
        return $"{modifier}{Name(parameter.ParameterType)} {parameter.Name}{value}";
    }

    private static string OwnName(Type type)
    {
        var name = type.IsNested ? $"{OwnName(type.DeclaringType!)}.{type.Name}" : type.Name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : $"{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(a => a.Name))}>";
    }

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return $"{Name(underlying)}?";
        if (type.IsGenericType)
        {
            var name = type.IsNested ? $"{type.DeclaringType!.Name}.{type.Name}" : type.Name;
            return $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
        }

        return Type.GetTypeCode(type) switch
        {
            _ when type.IsEnum || type.IsGenericParameter => type.IsNested && !type.IsGenericParameter ? $"{type.DeclaringType!.Name}.{type.Name}" : type.Name,
            TypeCode.Boolean => "bool",
            TypeCode.Byte => "byte",
            TypeCode.Int16 => "short",
            TypeCode.Int32 => "int",
            TypeCode.Int64 => "long",
            TypeCode.Double => "double",
            TypeCode.String => "string",
            _ when type == typeof(void) => "void",
            _ when type == typeof(object) => "object",
            _ => type.IsNested ? $"{type.DeclaringType!.Name}.{type.Name}" : type.Name,
        };
    }
}
