using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// The rows of a table that are not yet in a segment: a skip list (Pugh, 1990) in an <see cref="Arena"/>. Rows are only
/// added, so readers need no lock against the one writer: a node is complete before a pointer to it is published.
/// </summary>
internal sealed unsafe class Memtable : RefCounted
{
    private const int MaxHeight = 12;

    private readonly Arena _arena = new();
    private readonly Node* _head;
    private int _height = 1;
    private uint _random = 0x9E3779B9;

    public Memtable() => _head = NewNode(MaxHeight, 0, 0);

    /// <summary>The memory it takes.</summary>
    public long Bytes => _arena.Bytes;

    public int Count { get; private set; }

    public long MinVersion { get; private set; } = long.MaxValue;

    /// <summary>Adds a version of a row; a null value deletes it. One thread at a time, versions never falling.</summary>
    public void Add(ReadOnlySpan<byte> key, long version, ReadOnlySpan<byte> value, bool isTombstone)
    {
        var before = stackalloc Node*[MaxHeight];
        FindBefore(key, version, before);
        var height = RandomHeight();
        for (; _height < height; _height++)
            before[_height] = _head;

        var node = NewNode(height, key.Length, value.Length);
        node->Version = version;
        node->IsTombstone = isTombstone;
        key.CopyTo(node->Key);
        value.CopyTo(node->Value);
        for (var level = 0; level < height; level++)
        {
            node->Next[level] = before[level]->Next[level];
            Volatile.Write(ref *(nint*)&before[level]->Next[level], (nint)node);
        }

        Count++;
        MinVersion = Math.Min(MinVersion, version);
    }

    public RowCursor NewCursor() => new Cursor(this);

    protected override void Free() => _arena.Free();

    // The last node before (key, version) on every level that is in use; null stands for none to fill in.
    private Node* FindBefore(ReadOnlySpan<byte> key, long version, Node** before)
    {
        var node = _head;
        for (var level = Volatile.Read(ref _height) - 1; level >= 0; level--)
        {
            for (var next = node->NextAt(level); next != null && IsBefore(next, key, version); next = node->NextAt(level))
                node = next;
            if (before != null)
                before[level] = node;
        }

        return node;
    }

    private static bool IsBefore(Node* node, ReadOnlySpan<byte> key, long version)
    {
        var order = node->Key.SequenceCompareTo(key);
        return order < 0 || (order == 0 && node->Version > version);
    }

    // Each level holds a quarter of the one below (xorshift32, Marsaglia 2003).
    private int RandomHeight()
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        var height = 1;
        for (var bits = _random; (bits & 3) == 0 && height < MaxHeight; bits >>= 2)
            height++;
        return height;
    }

    private Node* NewNode(int height, int keyLength, int valueLength)
    {
        var node = (Node*)_arena.Allocate(sizeof(Node) + (height * sizeof(Node*)) + keyLength + valueLength);
        node->Height = (byte)height;
        node->KeyLength = (ushort)keyLength;
        node->ValueLength = valueLength;
        node->Version = 0;
        node->IsTombstone = false;
        new Span<nint>(node->Next, height).Clear();
        return node;
    }

    /// <summary>A node's fixed part; its pointers, key and value follow it in the arena.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Node
    {
        public long Version;
        public int ValueLength;
        public ushort KeyLength;
        public byte Height;
        public bool IsTombstone;

        public readonly Node** Next => (Node**)((byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in this)) + sizeof(Node));

        public readonly Span<byte> Key => new(Next + Height, KeyLength);

        public readonly Span<byte> Value => new((byte*)(Next + Height) + KeyLength, ValueLength);

        public readonly Node* NextAt(int level) => (Node*)Volatile.Read(ref *(nint*)&Next[level]);
    }

    private sealed class Cursor(Memtable memtable) : RowCursor
    {
        private Node* _node;

        public override bool IsValid => _node != null;

        public override ReadOnlySpan<byte> Key => _node->Key;

        public override long Version => _node->Version;

        public override bool IsTombstone => _node->IsTombstone;

        public override ReadOnlySpan<byte> Value => _node->Value;

        public override void Seek(ReadOnlySpan<byte> key) =>
            _node = memtable.FindBefore(key, long.MaxValue, null)->NextAt(0);

        public override void MoveNext() => _node = _node->NextAt(0);
    }
}
