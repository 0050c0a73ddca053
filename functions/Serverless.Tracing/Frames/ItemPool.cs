using System.Runtime.CompilerServices;

namespace Serverless.Tracing.Frames;

/// <summary>A list of structs that keeps its memory between uses and hands out references to its items.</summary>
/// <param name="what">What the items are, in the plural, for the error where there are too many.</param>
internal sealed class ItemPool<T>(string what = "items")
    where T : struct
{
    private const int SmallestLength = 64;

    private T[] _items = new T[SmallestLength];
    private int _most = int.MaxValue;

    public int Count { get; private set; }

    public ref T this[int index] => ref _items[index];

    /// <summary>The items; they hold until the next addition.</summary>
    public Span<T> Items => _items.AsSpan(0, Count);

    /// <summary>Adds a zeroed item; the reference holds until the next addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Add()
    {
        if (Count == _items.Length)
            Grow();
        ref var item = ref _items[Count++];
        item = default;
        return ref item;
    }

    /// <summary>Sets how many items there may be. It costs nothing where there are fewer: the memory ends there.</summary>
    public void Limit(int most)
    {
        _most = most;
        if (_items.Length > most)
            Array.Resize(ref _items, Math.Max(most, Count));
    }

    /// <summary>Forgets the items beyond the first <paramref name="count"/>.</summary>
    public void TruncateTo(int count) => Count = count;

    /// <summary>Forgets all items, and gives memory back that an unusual request made it take.</summary>
    public void Reset(int keepAtMost)
    {
        Count = 0;
        if (_items.Length > keepAtMost)
            _items = new T[SmallestLength];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        if (Count >= _most)
            throw new BatchFullException(what, _most);
        Array.Resize(ref _items, (int)Math.Min(Math.Max(Count * 2L, SmallestLength), _most));
    }
}
