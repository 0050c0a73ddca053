using System.Runtime.CompilerServices;
using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Search;

/// <summary>The distinct terms of a batch, numbered from 1. Looking one up is the hottest thing that collecting does.</summary>
internal sealed class TermTable
{
    private const int SmallestTable = 1 << 12;
    private const int LargestKeptTable = 1 << 18;

    // Per process, so that nobody can prepare terms that share slots.
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    private readonly ItemPool<Term> _terms = new();
    private Slot[] _slots = new Slot[SmallestTable];

    public ref Term this[int id] => ref _terms[id];

    public void Reset()
    {
        _terms.Reset(LargestKeptTable);
        _terms.Add();
        if (_slots.Length > LargestKeptTable)
            _slots = new Slot[SmallestTable];
        else
            Array.Clear(_slots);
    }

    /// <summary>The number of a term.</summary>
    public int Add(ulong hash) => Find(hash).Id;

    /// <summary>The number of a term for a digest (numbered from 1); false where it was the last one to ask for that term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool AddTo(int digest, ulong hash, out int id)
    {
        ref var slot = ref Find(hash);
        id = slot.Id;
        if (slot.LastDigest == digest)
            return false;
        slot.LastDigest = digest;
        return true;
    }

    private ref Slot Find(ulong hash)
    {
        var slots = _slots;
        var mask = slots.Length - 1;
        for (var i = (int)SearchTerms.Mix(hash ^ Seed, 0x9E3779B97F4A7C15) & mask; ; i = (i + 1) & mask)
        {
            ref var slot = ref slots[i];
            if (slot.Hash == hash && slot.Id != 0)
                return ref slot;
            if (slot.Id == 0)
                return ref Insert(i, hash);
        }
    }

    private ref Slot Insert(int at, ulong hash)
    {
        if (_terms.Count * 2 > _slots.Length)
        {
            Grow();
            return ref Find(hash);
        }

        _slots[at] = new Slot { Hash = hash, Id = _terms.Count };
        _terms.Add().Hash = hash;
        return ref _slots[at];
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new Slot[old.Length * 4];
        var mask = _slots.Length - 1;
        foreach (var slot in old)
        {
            if (slot.Id == 0)
                continue;
            var i = (int)SearchTerms.Mix(slot.Hash ^ Seed, 0x9E3779B97F4A7C15) & mask;
            while (_slots[i].Id != 0)
                i = (i + 1) & mask;
            _slots[i] = slot;
        }
    }

    private struct Slot
    {
        public ulong Hash;
        public int Id;
        public int LastDigest;
    }
}

/// <summary>A term of a batch, and what the block being written knows of it.</summary>
internal struct Term
{
    public ulong Hash;
    public BlockUse Use;

    /// <summary>In how many digests of the block it is.</summary>
    public int Digests;
}
