namespace Serverless.Tracing.Search;

/// <summary>Numbers distinct keys from 0 and keeps its memory. Keys are made of this system's own numbers or of secretly seeded hashes.</summary>
internal sealed class IdTable
{
    private const int SmallestTable = 256;
    private const int LargestKeptTable = 1 << 16;

    private (ulong Key, int Id)[] _slots = new (ulong, int)[SmallestTable];

    public int Count { get; private set; }

    public void Reset()
    {
        Count = 0;
        if (_slots.Length > LargestKeptTable)
            _slots = new (ulong, int)[SmallestTable];
        else
            Array.Clear(_slots);
    }

    /// <summary>The number of a key; true where it is new.</summary>
    public bool Add(ulong key, out int id)
    {
        var mask = _slots.Length - 1;
        var i = SlotOf(key) & mask;
        for (; _slots[i].Id != 0; i = (i + 1) & mask)
        {
            if (_slots[i].Key == key)
            {
                id = _slots[i].Id - 1;
                return false;
            }
        }

        if ((Count + 1) * 2 > _slots.Length)
        {
            Grow();
            return Add(key, out id);
        }

        id = Count++;
        _slots[i] = (key, Count);
        return true;
    }

    private static int SlotOf(ulong key) => (int)SearchTerms.Mix(key ^ 0xE7037ED1A0B428DB, 0x9E3779B97F4A7C15);

    private void Grow()
    {
        var old = _slots;
        _slots = new (ulong, int)[old.Length * 4];
        var mask = _slots.Length - 1;
        foreach (var slot in old)
        {
            if (slot.Id == 0)
                continue;
            var i = SlotOf(slot.Key) & mask;
            while (_slots[i].Id != 0)
                i = (i + 1) & mask;
            _slots[i] = slot;
        }
    }
}
