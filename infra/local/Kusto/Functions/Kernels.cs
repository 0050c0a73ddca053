namespace Serverless.Local.Kusto;

/// <summary>Loops over vectors.</summary>
internal static class Kernels
{
    /// <summary>Null where the argument is; strings are never null.</summary>
    public static Column Map<TIn, TOut>(KustoType type, Column argument, Func<TIn, TOut> function)
    {
        var source = (VectorColumn<TIn>)argument;
        var count = source.IsConstant ? Math.Min(1, source.Count) : source.Count;
        var values = new TOut[Math.Max(1, count)];
        var nulls = source.HasNulls ? new bool[values.Length] : null;
        for (var i = 0; i < count; i++)
        {
            if (nulls is not null && source.NullAt(i))
                nulls[i] = true;
            else
                values[i] = function(source.At(i));
        }
        return new VectorColumn<TOut>(type, values, nulls, source.Count, source.IsConstant);
    }

    /// <summary>Null where one of the arguments is.</summary>
    public static Column Map<TLeft, TRight, TOut>(KustoType type, Column left, Column right, int count, Func<TLeft, TRight, TOut> function)
    {
        var a = (VectorColumn<TLeft>)left;
        var b = (VectorColumn<TRight>)right;
        var values = new TOut[count];
        var nulls = a.HasNulls || b.HasNulls ? new bool[count] : null;
        for (var i = 0; i < count; i++)
        {
            if (nulls is not null && (a.NullAt(i) || b.NullAt(i)))
                nulls[i] = true;
            else
                values[i] = function(a.At(i), b.At(i));
        }
        return new VectorColumn<TOut>(type, values, nulls, count);
    }

    /// <summary>Null where one of the arguments is, or the function gives none.</summary>
    public static Column MapNullable<TLeft, TRight, TOut>(KustoType type, Column left, Column right, int count, Func<TLeft, TRight, TOut?> function)
        where TOut : struct
    {
        var a = (VectorColumn<TLeft>)left;
        var b = (VectorColumn<TRight>)right;
        var values = new TOut[count];
        bool[]? nulls = null;
        for (var i = 0; i < count; i++)
        {
            if (!a.NullAt(i) && !b.NullAt(i) && function(a.At(i), b.At(i)) is { } value)
                values[i] = value;
            else
                (nulls ??= new bool[count])[i] = true;
        }
        return new VectorColumn<TOut>(type, values, nulls, count);
    }

    /// <summary>A function over values, row by row.</summary>
    public static VectorFunction Rows(KustoType type, bool seesNulls, Func<Value[], QueryContext, Value> function) => (arguments, count, context) =>
    {
        var builder = ColumnBuilder.Create(type, count);
        var row = new Value[arguments.Length];
        var characters = 0L;
        for (var i = 0; i < count; i++)
        {
            var isNull = false;
            for (var k = 0; k < row.Length; k++)
            {
                row[k] = arguments[k][i];
                isNull |= row[k].IsNull;
            }
            var value = isNull && !seesNulls ? Value.Null : Conversion.Store(function(row, context), type);
            builder.Append(value);
            // Texts can double from step to step; a batch of them must fit by itself.
            if (type == KustoType.String && (characters += value.AsString.Length) > context.Limits.MaxMemoryBytes / 2)
                context.Hold(context.Limits.MaxMemoryBytes + 1);
        }
        return builder.Build();
    };
}
