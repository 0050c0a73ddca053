using System.Globalization;

namespace Serverless.Local.Kusto;

/// <summary>Values of one type as another; null where there is no such value.</summary>
internal static class Conversion
{
    /// <summary>What the functions tostring, tolong and so on give.</summary>
    public static Value To(Value value, KustoType type)
    {
        if (type == KustoType.String)
            return Value.String(value.ToString());
        if (value.IsNull || type == KustoType.Dynamic)
            return value;
        return type switch
        {
            KustoType.Bool => value.Kind switch
            {
                ValueKind.Bool => value,
                ValueKind.String => Read(value, type),
                _ when value.IsNumber => Value.Bool(value.Number != 0),
                _ => Value.Null,
            },
            KustoType.Int or KustoType.Long => Integer(value, type),
            KustoType.Real => value.Kind switch
            {
                ValueKind.String => Read(value, type),
                ValueKind.Bool => Value.Real(value.AsBool ? 1 : 0),
                ValueKind.TimeSpan or ValueKind.DateTime => Value.Real(value.AsLong),
                _ when value.IsNumber => Value.Real(value.Number),
                _ => Value.Null,
            },
            KustoType.Decimal => value.Kind switch
            {
                ValueKind.Decimal => value,
                ValueKind.String => Read(value, type),
                ValueKind.Int or ValueKind.Long => Value.Decimal(value.AsLong),
                ValueKind.Real when Math.Abs(value.AsReal) < 7.9e28 => Value.Decimal((decimal)value.AsReal),
                _ => Value.Null,
            },
            KustoType.DateTime => value.Kind switch
            {
                ValueKind.DateTime => value,
                ValueKind.String => Read(value, type),
                ValueKind.Int or ValueKind.Long => Value.DateTime(value.AsLong),
                _ => Value.Null,
            },
            KustoType.TimeSpan => value.Kind switch
            {
                ValueKind.TimeSpan => value,
                ValueKind.String => Read(value, type),
                ValueKind.Int or ValueKind.Long => Value.TimeSpan(value.AsLong),
                _ => Value.Null,
            },
            _ => value.Kind switch
            {
                ValueKind.Guid => value,
                ValueKind.String => Read(value, type),
                _ => Value.Null,
            },
        };
    }

    /// <summary>A dynamic value cast, without parsing text: null where it is of another kind.</summary>
    public static Value Cast(Value value, KustoType type)
    {
        if (value.Kind == ValueKind.String && type is not (KustoType.String or KustoType.Dynamic or KustoType.DateTime or KustoType.TimeSpan or KustoType.Guid))
            return Value.Null;
        return To(value, type);
    }

    /// <summary>A function's result as the type that it is stored as: numbers are widened.</summary>
    public static Value Store(Value value, KustoType type)
    {
        if (type == KustoType.Real && value.IsNumber && value.Kind != ValueKind.Real)
            return Value.Real(value.Number);
        if (type == KustoType.String && value.Kind != ValueKind.String)
            return Value.String(value.ToString());
        if (type is not (KustoType.Dynamic or KustoType.String) && KustoTypes.Of(value.Kind) != type && !value.IsNull)
            return To(value, type);
        return value;
    }

    public static Column Convert(Column column, KustoType type)
    {
        if (column.Type == type)
            return column;
        switch (column.Type, type)
        {
            case (KustoType.Int, KustoType.Long):
                return ((VectorColumn<long>)column).As(type);
            case (KustoType.Int or KustoType.Long, KustoType.Real):
                return Kernels.Map<long, double>(type, column, number => number);
            case (KustoType.Int or KustoType.Long, KustoType.Decimal):
                return Kernels.Map<long, decimal>(type, column, number => number);
        }
        var builder = ColumnBuilder.Create(type, column.Count);
        for (var i = 0; i < column.Count; i++)
            builder.Append(To(column[i], type));
        return builder.Build();
    }

    private static Value Integer(Value value, KustoType type)
    {
        long whole;
        switch (value.Kind)
        {
            case ValueKind.Int or ValueKind.Long or ValueKind.DateTime or ValueKind.TimeSpan or ValueKind.Bool:
                whole = value.AsLong;
                break;
            case ValueKind.Real or ValueKind.Decimal:
                var number = Math.Truncate(value.Number);
                if (!(Math.Abs(number) < 9.3e18))
                    return Value.Null;
                whole = (long)number;
                break;
            case ValueKind.String:
                var text = value.AsString.Trim();
                if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && long.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out whole))
                    break;
                if (long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out whole))
                    break;
                // "12.7" is 12 as a number, as the service reads it.
                if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) || !(Math.Abs(real) < 9.2e18))
                    return Value.Null;
                whole = (long)real;
                break;
            default:
                return Value.Null;
        }
        if (type == KustoType.Long)
            return Value.Long(whole);
        return whole is >= int.MinValue and <= int.MaxValue ? Value.Int((int)whole) : Value.Null;
    }

    private static Value Read(Value value, KustoType type) => LiteralReader.Read(type, value.AsString.Trim()) ?? Value.Null;
}
