using System.Runtime.CompilerServices;

namespace Serverless.Local.Kusto;

/// <summary>
/// A column over an array: long for int, long, datetime and timespan (ticks), double for real, and so on. The mask is 0 for a constant, so
/// that loops read constants and vectors alike.
/// </summary>
internal sealed class VectorColumn<T> : Column
{
    private readonly T[] _values;
    private readonly bool[]? _nulls;
    private readonly int _mask;

    public VectorColumn(KustoType type, T[] values, bool[]? nulls, int count, bool constant = false)
        : base(type, count)
    {
        _values = values;
        _nulls = nulls;
        _mask = constant ? 0 : -1;
    }

    public bool IsConstant => _mask == 0;

    public bool HasNulls => _nulls is not null;

    public override long EstimatedBytes => typeof(T) == typeof(string)
        ? TextBytes()
        : (long)_values.Length * (Unsafe.SizeOf<T>() + (typeof(T) == typeof(Value) ? DynamicBytes : 0));

    public override Value this[int row] => NullAt(row) ? Value.Null : Value.From(Type, At(row));

    /// <summary>What a dynamic value is taken to hold beside its cell.</summary>
    private const int DynamicBytes = 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T At(int row) => _values[row & _mask];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool NullAt(int row) => _nulls is not null && _nulls[row & _mask];

    public override bool IsNull(int row)
    {
        if (typeof(T) == typeof(Value))
            return Unsafe.As<T, Value>(ref _values[row & _mask]).IsNull;
        return NullAt(row);
    }

    public override Column Take(ReadOnlySpan<int> rows)
    {
        if (IsConstant && !rows.ContainsAnyInRange(int.MinValue, -1))
            return new VectorColumn<T>(Type, _values, _nulls, rows.Length, constant: true);
        var values = new T[rows.Length];
        bool[]? nulls = _nulls is null ? null : new bool[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if (row >= 0)
            {
                values[i] = _values[row & _mask];
                if (_nulls is not null)
                    nulls![i] = _nulls[row & _mask];
            }
            else if (typeof(T) == typeof(string))
            {
                values[i] = (T)(object)"";
            }
            else if (typeof(T) != typeof(Value))
            {
                nulls ??= new bool[rows.Length];
                nulls[i] = true;
            }
        }
        return new VectorColumn<T>(Type, values, nulls, rows.Length);
    }

    public override Column Slice(int start, int count) =>
        IsConstant
            ? new VectorColumn<T>(Type, _values, _nulls, count, constant: true)
            : new VectorColumn<T>(Type, _values.AsSpan(start, count).ToArray(), _nulls?.AsSpan(start, count).ToArray(), count);

    /// <summary>The same elements as another type that is stored alike (int as long).</summary>
    public VectorColumn<T> As(KustoType type) => new(type, _values, _nulls, Count, IsConstant);

    private long TextBytes()
    {
        const int ObjectBytes = 30;
        var bytes = 0L;
        foreach (var value in _values)
            bytes += ObjectBytes + 2 * (Unsafe.As<string?>(value)?.Length ?? 0);
        return bytes;
    }
}
