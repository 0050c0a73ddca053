using Serverless.Tracing.Model;

namespace Serverless.Tracing.Frames;

/// <summary>The distinct shapes of a batch: the keys and types of a span's attributes in their order. 0 is the empty shape.</summary>
internal sealed class ShapeTable
{
    private const int SmallestTable = 256;
    private const int LargestKeptTable = 1 << 14;

    // Per process, so that nobody can prepare lists of keys that collide.
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64();
    private static readonly ulong Multiplier = (ulong)Random.Shared.NextInt64() | 0x9E00000000000001;

    private readonly ItemPool<Shape> _shapes = new();
    private readonly ItemPool<ShapeKey> _keys = new();
    private int[] _buckets = new int[SmallestTable];

    public int Count => _shapes.Count;

    public void Reset()
    {
        _shapes.Reset(keepAtMost: 4096);
        _keys.Reset(keepAtMost: 65536);
        _shapes.Add();
        if (_buckets.Length > LargestKeptTable)
            _buckets = new int[SmallestTable];
        else
            Array.Clear(_buckets);
    }

    public int KeyCount(int shape) => _shapes[shape].Count;

    public ref readonly ShapeKey Key(int shape, int index) => ref _keys[_shapes[shape].First + index];

    /// <summary>The number of the shape of a list of attributes.</summary>
    public int Add(ItemPool<AttributeItem> attributes, in ItemList list)
    {
        if (list.Count == 0)
            return 0;
        var mixed = Seed + (uint)list.Count;
        for (var i = list.First; i != 0;)
        {
            ref readonly var attribute = ref attributes[i - 1];
            mixed = (mixed ^ ((ulong)(uint)attribute.Key << 8) ^ (byte)TypeOf(attribute)) * Multiplier;
            mixed ^= mixed >> 29;
            i = attribute.Next;
        }

        var hash = (uint)(mixed ^ (mixed >> 32));
        ref var bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        for (var id = bucket; id != 0; id = _shapes[id].Next)
        {
            if (_shapes[id].Hash == hash && IsSame(id, attributes, list))
                return id;
        }

        if (_shapes.Count > _buckets.Length * 2)
        {
            Grow();
            bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        }

        var added = _shapes.Count;
        _shapes.Add() = new Shape { Hash = hash, First = _keys.Count, Count = list.Count, Next = bucket };
        bucket = added;
        for (var i = list.First; i != 0;)
        {
            ref readonly var attribute = ref attributes[i - 1];
            _keys.Add() = new ShapeKey { Key = attribute.Key, Type = TypeOf(attribute) };
            i = attribute.Next;
        }

        return added;
    }

    /// <summary>Booleans are of one type here, whatever their value: else flags that go up and down would multiply shapes.</summary>
    private static AttributeType TypeOf(in AttributeItem attribute) =>
        attribute.Type == AttributeType.False ? AttributeType.True : attribute.Type;

    private bool IsSame(int id, ItemPool<AttributeItem> attributes, in ItemList list)
    {
        ref readonly var shape = ref _shapes[id];
        if (shape.Count != list.Count)
            return false;
        var key = shape.First;
        for (var i = list.First; i != 0; key++)
        {
            ref readonly var attribute = ref attributes[i - 1];
            if (attribute.Key != _keys[key].Key || TypeOf(attribute) != _keys[key].Type)
                return false;
            i = attribute.Next;
        }

        return true;
    }

    private void Grow()
    {
        _buckets = new int[_buckets.Length * 8];
        for (var id = 1; id < _shapes.Count; id++)
        {
            ref var shape = ref _shapes[id];
            ref var bucket = ref _buckets[shape.Hash & (uint)(_buckets.Length - 1)];
            shape.Next = bucket;
            bucket = id;
        }
    }

    public struct ShapeKey
    {
        public int Key;
        public AttributeType Type;
    }

    private struct Shape
    {
        public uint Hash;
        public int First;
        public int Count;
        public int Next;
    }
}
