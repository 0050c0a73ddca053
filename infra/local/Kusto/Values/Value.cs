using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Serverless.Local.Kusto;

/// <summary>
/// One value of any type, without an object for numbers and times. Columns hold plain vectors; this is for constants, for dynamic values,
/// and for the functions that are not worth a loop of their own.
/// </summary>
internal readonly struct Value : IEquatable<Value>
{
    private readonly object? _reference;
    private readonly long _bits;

    private Value(ValueKind kind, long bits, object? reference)
    {
        Kind = kind;
        _bits = bits;
        _reference = reference;
    }

    public ValueKind Kind { get; }

    public static Value Null => default;

    public bool IsNull => Kind == ValueKind.Null;

    public bool IsNumber => Kind is ValueKind.Int or ValueKind.Long or ValueKind.Real or ValueKind.Decimal;

    public bool IsInteger => Kind is ValueKind.Int or ValueKind.Long;

    public bool AsBool => _bits != 0;

    public long AsLong => _bits;

    public double AsReal => BitConverter.Int64BitsToDouble(_bits);

    public string AsString => _reference as string ?? "";

    public Value[] AsArray => (Value[])_reference!;

    public DynamicBag AsBag => (DynamicBag)_reference!;

    public decimal AsDecimal => (decimal)_reference!;

    public Guid AsGuid => (Guid)_reference!;

    /// <summary>Any number as a real.</summary>
    public double Number => Kind switch
    {
        ValueKind.Real => AsReal,
        ValueKind.Decimal => (double)AsDecimal,
        _ => _bits,
    };

    public static Value Bool(bool value) => new(ValueKind.Bool, value ? 1 : 0, null);

    public static Value Int(int value) => new(ValueKind.Int, value, null);

    public static Value Long(long value) => new(ValueKind.Long, value, null);

    public static Value Real(double value) => new(ValueKind.Real, BitConverter.DoubleToInt64Bits(value), null);

    public static Value Decimal(decimal value) => new(ValueKind.Decimal, 0, value);

    public static Value String(string value) => new(ValueKind.String, 0, value);

    /// <summary>A time in ticks of 100 ns since year 1, UTC.</summary>
    public static Value DateTime(long ticks) =>
        ticks < 0 || ticks > System.DateTime.MaxValue.Ticks ? Null : new(ValueKind.DateTime, ticks, null);

    /// <summary>A duration in ticks of 100 ns.</summary>
    public static Value TimeSpan(long ticks) => new(ValueKind.TimeSpan, ticks, null);

    public static Value Guid(Guid value) => new(ValueKind.Guid, 0, value);

    public static Value Array(Value[] items) => new(ValueKind.Array, 0, items);

    public static Value Bag(DynamicBag bag) => new(ValueKind.Bag, 0, bag);

    /// <summary>A vector's element as a value.</summary>
    public static Value From<T>(KustoType type, T item)
    {
        if (typeof(T) == typeof(long))
        {
            var bits = Unsafe.As<T, long>(ref item);
            return type switch
            {
                KustoType.Int => new(ValueKind.Int, bits, null),
                KustoType.Long => new(ValueKind.Long, bits, null),
                KustoType.DateTime => new(ValueKind.DateTime, bits, null),
                _ => new(ValueKind.TimeSpan, bits, null),
            };
        }
        if (typeof(T) == typeof(double))
            return Real(Unsafe.As<T, double>(ref item));
        if (typeof(T) == typeof(bool))
            return Bool(Unsafe.As<T, bool>(ref item));
        if (typeof(T) == typeof(Value))
            return Unsafe.As<T, Value>(ref item);
        return item switch
        {
            string text => String(text),
            decimal number => Decimal(number),
            Guid guid => Guid(guid),
            _ => Null,
        };
    }

    /// <summary>A value as a vector's element; the value must be of the vector's type.</summary>
    public T To<T>()
    {
        if (typeof(T) == typeof(long))
        {
            var bits = _bits;
            return Unsafe.As<long, T>(ref bits);
        }
        if (typeof(T) == typeof(double))
        {
            var real = AsReal;
            return Unsafe.As<double, T>(ref real);
        }
        if (typeof(T) == typeof(bool))
        {
            var flag = AsBool;
            return Unsafe.As<bool, T>(ref flag);
        }
        if (typeof(T) == typeof(Value))
        {
            var self = this;
            return Unsafe.As<Value, T>(ref self);
        }
        if (_reference is T reference)
            return reference;
        return typeof(T) == typeof(string) ? (T)(object)"" : default!;
    }

    /// <summary>The same value, and of the same kind; integers of both widths are alike.</summary>
    public bool Equals(Value other)
    {
        if (IsNumber && other.IsNumber)
        {
            if (IsInteger && other.IsInteger)
                return _bits == other._bits;
            return Kind == ValueKind.Decimal && other.Kind == ValueKind.Decimal ? AsDecimal == other.AsDecimal : Number.Equals(other.Number);
        }
        if (Kind != other.Kind)
            return false;
        return Kind switch
        {
            ValueKind.Null => true,
            ValueKind.String => AsString == other.AsString,
            ValueKind.Guid => AsGuid == other.AsGuid,
            ValueKind.Array => AsArray.AsSpan().SequenceEqual(other.AsArray),
            ValueKind.Bag => AsBag.Count == other.AsBag.Count
                && AsBag.Entries.All(entry => other.AsBag.TryGet(entry.Key, out var theirs) && entry.Value.Equals(theirs)),
            _ => _bits == other._bits,
        };
    }

    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    public override int GetHashCode() => Kind switch
    {
        ValueKind.Null => 0,
        ValueKind.String => AsString.GetHashCode(StringComparison.Ordinal),
        ValueKind.Guid => AsGuid.GetHashCode(),
        ValueKind.Int or ValueKind.Long or ValueKind.Real or ValueKind.Decimal => Number.GetHashCode(),
        ValueKind.Array => AsArray.Length,
        ValueKind.Bag => AsBag.Count,
        _ => HashCode.Combine(Kind, _bits),
    };

    /// <summary>The value as the function tostring gives it.</summary>
    public override string ToString() => Kind switch
    {
        ValueKind.Null => "",
        ValueKind.Bool => AsBool ? "true" : "false",
        ValueKind.Int or ValueKind.Long => _bits.ToString(CultureInfo.InvariantCulture),
        ValueKind.Real => RealText(AsReal),
        ValueKind.Decimal => AsDecimal.ToString(CultureInfo.InvariantCulture),
        ValueKind.String => AsString,
        ValueKind.DateTime => new DateTime(_bits).ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture),
        ValueKind.TimeSpan => new TimeSpan(_bits).ToString("c", CultureInfo.InvariantCulture),
        ValueKind.Guid => AsGuid.ToString("D"),
        ValueKind.Array or ValueKind.Bag => DynamicJson.Write(this),
        _ => throw new UnreachableException(),
    };

    /// <summary>A real with a point or an exponent, or the name of what is none.</summary>
    private static string RealText(double real)
    {
        if (double.IsNaN(real))
            return "NaN";
        if (double.IsInfinity(real))
            return real > 0 ? "Infinity" : "-Infinity";
        var text = real.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }
}
