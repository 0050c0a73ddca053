using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace Serverless.Tracing.Frames;

/// <summary>
/// The distinct texts (and byte strings) of a batch, each stored once and known by a small number; 0 is the empty text.
/// Spans repeat keys and values over and over: looking one up is the hottest thing that decoding does.
/// </summary>
internal sealed class TextTable
{
    private const int SmallestTable = 1024;
    private const int LargestKeptTable = 1 << 16;
    private const int LargestKeptBytes = 1 << 21;

    // Per process, so that nobody can prepare texts that collide.
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    private readonly ItemPool<Entry> _entries = new("distinct texts");
    private int[] _buckets = new int[SmallestTable];
    private byte[] _bytes = new byte[16 * 1024];
    private int _used;

    public TextTable() => Reset();

    /// <summary>How many texts there are, the empty one included.</summary>
    public int Count => _entries.Count;

    public ReadOnlySpan<byte> this[int id]
    {
        get
        {
            ref readonly var entry = ref _entries[id];
            return _bytes.AsSpan(entry.Offset, entry.Length);
        }
    }

    /// <summary>How a text is stored in a frame (<see cref="TextForm"/>); found out once.</summary>
    public byte FormOf(int id)
    {
        ref var entry = ref _entries[id];
        if (!entry.HasForm)
        {
            entry.Form = TextForm.Of(_bytes.AsSpan(entry.Offset, entry.Length));
            entry.HasForm = true;
        }

        return entry.Form;
    }

    /// <summary>The number of a byte string, the same for equal ones.</summary>
    public int Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return 0;
        var hash = Hash(bytes);
        ref var bucket = ref _buckets[(int)(hash & (uint)(_buckets.Length - 1))];
        for (var id = bucket; id != 0;)
        {
            ref readonly var entry = ref _entries[id];
            if (entry.Hash == hash && entry.Length == bytes.Length && bytes.SequenceEqual(_bytes.AsSpan(entry.Offset, entry.Length)))
                return id;
            id = entry.Next;
        }

        return Insert(bytes, hash);
    }

    /// <summary>As <see cref="Add"/>, but only for valid UTF-8; checked once per distinct text.</summary>
    public bool TryAddUtf8(ReadOnlySpan<byte> utf8, out int id)
    {
        id = Add(utf8);
        ref var entry = ref _entries[id];
        if (!entry.IsUtf8)
            entry.IsUtf8 = Utf8.IsValid(utf8);
        return entry.IsUtf8;
    }

    /// <summary>Bounds how many texts there may be, the empty one included.</summary>
    public void Limit(int most) => _entries.Limit(most);

    public void Reset()
    {
        _entries.Reset(LargestKeptTable);
        _entries.Add().IsUtf8 = true;
        _used = 0;
        if (_bytes.Length > LargestKeptBytes)
            _bytes = new byte[16 * 1024];
        if (_buckets.Length > LargestKeptTable)
            _buckets = new int[SmallestTable];
        else
            Array.Clear(_buckets);
    }

    private int Insert(ReadOnlySpan<byte> bytes, uint hash)
    {
        if (_entries.Count >= _buckets.Length)
            Grow();
        if (_used + bytes.Length > _bytes.Length)
            Array.Resize(ref _bytes, (int)BitOperations.RoundUpToPowerOf2((uint)(_used + bytes.Length)));
        bytes.CopyTo(_bytes.AsSpan(_used));
        ref var bucket = ref _buckets[(int)(hash & (uint)(_buckets.Length - 1))];
        var id = _entries.Count;
        ref var entry = ref _entries.Add();
        entry.Hash = hash;
        entry.Offset = _used;
        entry.Length = bytes.Length;
        entry.Next = bucket;
        bucket = id;
        _used += bytes.Length;
        return id;
    }

    private void Grow()
    {
        _buckets = new int[_buckets.Length * 4];
        for (var id = 1; id < _entries.Count; id++)
        {
            ref var entry = ref _entries[id];
            ref var bucket = ref _buckets[(int)(entry.Hash & (uint)(_buckets.Length - 1))];
            entry.Next = bucket;
            bucket = id;
        }
    }

    /// <summary>Multiplies 8 bytes at a time into a 128-bit product and folds it, as wyhash and its kin do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = Seed ^ (ulong)bytes.Length;
        ref var p = ref MemoryMarshal.GetReference(bytes);
        var n = bytes.Length;
        while (n > 8)
        {
            hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref p), 0x9E3779B97F4A7C15);
            p = ref Unsafe.Add(ref p, 8);
            n -= 8;
        }

        ulong last;
        if (bytes.Length >= 8)
            last = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref p, n - 8));
        else if (n >= 4)
            last = Unsafe.ReadUnaligned<uint>(ref p) | ((ulong)Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref p, n - 4)) << 32);
        else
            last = p | ((ulong)Unsafe.Add(ref p, n >> 1) << 8) | ((ulong)Unsafe.Add(ref p, n - 1) << 16);
        hash = Mix(hash ^ last, 0xE7037ED1A0B428DB);
        return (uint)(hash ^ (hash >> 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    private struct Entry
    {
        public uint Hash;
        public int Offset;
        public int Length;
        public int Next;
        public bool IsUtf8;
        public bool HasForm;
        public byte Form;
    }
}
