using System.Runtime.InteropServices;

namespace Serverless.Local.Kusto;

/// <summary>Numbers the values of vectors of one element type.</summary>
internal sealed class KeyIndex<T> : KeyIndex
    where T : notnull
{
    private readonly Dictionary<T, int> _numbers = [];
    private int _null = -1;
    private int _next;

    public override void Number(Column column, int count, bool add, int[] numbers)
    {
        var vector = (VectorColumn<T>)column;
        for (var i = 0; i < count; i++)
        {
            if (vector.NullAt(i))
            {
                if (_null < 0 && add)
                    _null = _next++;
                numbers[i] = _null;
            }
            else if (add)
            {
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, vector.At(i), out var known);
                if (!known)
                    number = _next++;
                numbers[i] = number;
            }
            else
            {
                numbers[i] = _numbers.TryGetValue(vector.At(i), out var number) ? number : -1;
            }
        }
    }
}
