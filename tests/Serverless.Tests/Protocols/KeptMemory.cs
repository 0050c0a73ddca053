using System.Reflection;
using System.Runtime.CompilerServices;

namespace Serverless.Tests.Protocols;

/// <summary>Counts the bytes of all arrays that objects hold, through their private fields.</summary>
internal static class KeptMemory
{
    private static readonly MethodInfo SizeOf = typeof(KeptMemory).GetMethod(nameof(SizeOfItem), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static long Of(params object[] roots)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        return roots.Sum(root => Of(root, seen));
    }

    private static long Of(object? value, HashSet<object> seen)
    {
        if (value is null or string or Type or Delegate || value.GetType().IsPrimitive || !seen.Add(value))
            return 0;
        if (value is Array array)
        {
            var item = value.GetType().GetElementType()!;
            var bytes = array.LongLength * (int)SizeOf.MakeGenericMethod(item).Invoke(null, null)!;
            return bytes + (item.IsClass ? array.Cast<object?>().Sum(inner => Of(inner, seen)) : 0);
        }

        long sum = 0;
        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            {
                if (!field.FieldType.IsValueType && !field.FieldType.IsPointer)
                    sum += Of(field.GetValue(value), seen);
            }
        }

        return sum;
    }

    private static int SizeOfItem<T>() => Unsafe.SizeOf<T>();
}
