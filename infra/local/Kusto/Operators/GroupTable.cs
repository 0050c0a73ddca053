using System.Runtime.InteropServices;

namespace Serverless.Local.Kusto;

/// <summary>Numbers combinations of key values, from 0, as they come, and keeps the keys of each.</summary>
internal sealed class GroupTable
{
    private readonly KeyIndex[] _indexes;
    private readonly ColumnBuilder[] _keys;

    /// <summary>By each key after the first: the combination up to it, and its own number, to the combination with it.</summary>
    private readonly Dictionary<long, int>[] _pairs;

    private int[] _left = [];
    private int[] _right = [];

    public GroupTable(IReadOnlyList<KustoType> types)
    {
        _indexes = types.Select(KeyIndex.Create).ToArray();
        _keys = types.Select(type => ColumnBuilder.Create(type)).ToArray();
        _pairs = types.Skip(1).Select(_ => new Dictionary<long, int>()).ToArray();
        Count = types.Count == 0 ? 1 : 0;
    }

    /// <summary>How many groups there are; without keys all rows are one.</summary>
    public int Count { get; private set; }

    /// <summary>The rows' groups; valid until the next call. -1 for a group that is new and not added.</summary>
    public int[] Assign(Column[] keys, int count, bool add = true)
    {
        if (_left.Length < count)
        {
            _left = new int[count];
            _right = new int[count];
        }
        if (keys.Length == 0)
        {
            Array.Clear(_left, 0, count);
            return _left;
        }
        _indexes[0].Number(keys[0], count, add, _left);
        for (var k = 1; k < keys.Length; k++)
        {
            _indexes[k].Number(keys[k], count, add, _right);
            var pairs = _pairs[k - 1];
            for (var i = 0; i < count; i++)
            {
                if (_left[i] < 0 || _right[i] < 0)
                {
                    _left[i] = -1;
                    continue;
                }
                var pair = ((long)_left[i] << 32) | (uint)_right[i];
                if (!add)
                {
                    _left[i] = pairs.GetValueOrDefault(pair, -1);
                    continue;
                }
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, pair, out var known);
                if (!known)
                    number = pairs.Count - 1;
                _left[i] = number;
            }
        }
        if (add)
            Remember(keys, count);
        return _left;
    }

    public Column[] Keys() => _keys.Select(key => key.Build()).ToArray();

    /// <summary>About how many bytes it holds.</summary>
    public long EstimatedBytes => (long)Count * (64 + (_keys.Length * 48));

    private void Remember(Column[] keys, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (_left[i] != Count)
                continue;
            Count++;
            for (var k = 0; k < keys.Length; k++)
                _keys[k].Append(keys[k][i]);
        }
    }
}
