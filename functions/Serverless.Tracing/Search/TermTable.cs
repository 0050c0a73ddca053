using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Search;

/// <summary>The terms of a block that more than one of its digests may have, numbered from 0.</summary>
internal sealed class TermTable
{
    private const int SmallestTable = 1 << 10;
    private const int LargestKeptTable = 1 << 18;

    // Per process, so that nobody can prepare terms that share slots.
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    private readonly ItemPool<Term> _terms = new();
    private Slot[] _slots = new Slot[SmallestTable];
    private int _block;

    public ref Term this[int id] => ref _terms[id];

    /// <summary>Forgets the terms of the block before.</summary>
    public void Reset()
    {
        _terms.Reset(LargestKeptTable);
        if (_slots.Length > LargestKeptTable)
            _slots = new Slot[SmallestTable];
        _block++;
    }

    /// <summary>The number of a term.</summary>
    public int Add(ulong hash)
    {
        if (_terms.Count * 2 >= _slots.Length)
            Grow();
        ref var slot = ref Find(hash);
        if (slot.Block == _block)
            return slot.Id;
        slot = new Slot { Hash = hash, Id = _terms.Count, Block = _block };
        ref var term = ref _terms.Add();
        term.Hash = hash;
        term.Index = -1;
        return slot.Id;
    }

    /// <summary>The slot that a term is in, or the free one that it belongs in.</summary>
    private ref Slot Find(ulong hash)
    {
        var mask = _slots.Length - 1;
        for (var i = (int)SearchTerms.Mix(hash ^ Seed, 0x9E3779B97F4A7C15) & mask; ; i = (i + 1) & mask)
        {
            ref var slot = ref _slots[i];
            if (slot.Block != _block || slot.Hash == hash)
                return ref slot;
        }
    }

    private void Grow()
    {
        _slots = new Slot[_slots.Length * 4];
        for (var id = 0; id < _terms.Count; id++)
            Find(_terms[id].Hash) = new Slot { Hash = _terms[id].Hash, Id = id, Block = _block };
    }

    private struct Slot
    {
        public ulong Hash;
        public int Id;
        public int Block;
    }
}

/// <summary>A term of a block.</summary>
internal struct Term
{
    public ulong Hash;

    /// <summary>Its number among the terms that the block lists, or -1 while it has none.</summary>
    public int Index;

    /// <summary>In how many digests of the block it is; more for a group's.</summary>
    public int Digests;

    /// <summary>The last digest that it was gathered for.</summary>
    public int LastDigest;
}
