namespace Serverless.Local.Kusto;

/// <summary>Collects the elements of a <see cref="VectorColumn{T}"/>.</summary>
internal sealed class VectorBuilder<T>(KustoType type, int capacity) : ColumnBuilder
{
    private T[] _values = new T[Math.Max(1, capacity)];
    private bool[]? _nulls;
    private int _count;

    public override int Count => _count;

    public override void Append(Value value)
    {
        if (value.IsNull && typeof(T) != typeof(string) && typeof(T) != typeof(Value))
        {
            AppendNull();
            return;
        }
        Append(value.To<T>());
    }

    public void Append(T value)
    {
        Reserve(_count + 1);
        _values[_count++] = value;
    }

    public void AppendNull()
    {
        Reserve(_count + 1);
        _nulls ??= new bool[_values.Length];
        _nulls[_count++] = true;
    }

    public override void AppendAll(Column column)
    {
        var source = (VectorColumn<T>)column;
        Reserve(_count + source.Count);
        for (var i = 0; i < source.Count; i++)
        {
            if (source.NullAt(i))
                AppendNull();
            else
                _values[_count++] = source.At(i);
        }
    }

    public override Column Build() => new VectorColumn<T>(type, _values, _nulls, _count);

    public override Column BuildConstant(int count) => new VectorColumn<T>(type, _values, _nulls, count, constant: true);

    private void Reserve(int count)
    {
        if (count <= _values.Length)
            return;
        Array.Resize(ref _values, Math.Max(count, _values.Length * 2));
        if (_nulls is not null)
            Array.Resize(ref _nulls, _values.Length);
    }
}
