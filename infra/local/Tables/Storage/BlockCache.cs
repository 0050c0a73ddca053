using System.Runtime.InteropServices;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// The blocks of all segments that were read last, up to a number of bytes (CLOCK, Corbató 1968). Blocks of segments that
/// are gone are not looked for again, and so leave by themselves.
/// </summary>
internal sealed class BlockCache(long capacityBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(long Segment, long Offset), int> _slots = [];
    private readonly List<Slot> _ring = [];
    private readonly Stack<int> _empty = new();
    private int _hand;

    /// <summary>The bytes of the blocks held.</summary>
    public long Bytes { get; private set; }

    public bool TryGet(long segment, long offset, out Block block)
    {
        lock (_gate)
        {
            if (!_slots.TryGetValue((segment, offset), out var index))
            {
                block = default;
                return false;
            }

            ref var slot = ref CollectionsMarshal.AsSpan(_ring)[index];
            slot.WasUsed = true;
            block = slot.Block;
            return true;
        }
    }

    public void Add(long segment, long offset, Block block)
    {
        lock (_gate)
        {
            var key = (segment, offset);
            if (block.Bytes.Length > capacityBytes / 8 || _slots.ContainsKey(key))
                return;
            while (Bytes + block.Bytes.Length > capacityBytes)
                EvictOne();
            if (!_empty.TryPop(out var index))
            {
                index = _ring.Count;
                _ring.Add(default);
            }

            _ring[index] = new Slot { Key = key, Block = block };
            _slots.Add(key, index);
            Bytes += block.Bytes.Length;
        }
    }

    private void EvictOne()
    {
        var ring = CollectionsMarshal.AsSpan(_ring);
        while (true)
        {
            _hand = (_hand + 1) % ring.Length;
            ref var slot = ref ring[_hand];
            if (slot.Block.Bytes is null)
                continue;
            if (slot.WasUsed)
            {
                slot.WasUsed = false;
                continue;
            }

            Bytes -= slot.Block.Bytes.Length;
            _slots.Remove(slot.Key);
            slot = default;
            _empty.Push(_hand);
            return;
        }
    }

    private struct Slot
    {
        public (long Segment, long Offset) Key;
        public Block Block;
        public bool WasUsed;
    }
}
