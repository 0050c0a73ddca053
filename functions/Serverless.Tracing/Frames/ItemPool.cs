using System.Runtime.CompilerServices;

namespace Serverless.Tracing.Frames;

/// <summary>A list of structs that keeps its memory between uses and hands out references to its items.</summary>
internal sealed class ItemPool<T>
    where T : struct
{
    private T[] _items = new T[64];

    public int Count { get; private set; }

    public ref T this[int index] => ref _items[index];

    /// <summary>The items; they hold until the next addition.</summary>
    public Span<T> Items => _items.AsSpan(0, Count);

    /// <summary>Adds a zeroed item; the reference holds until the next addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Add()
    {
        if (Count == _items.Length)
            Array.Resize(ref _items, Count * 2);
        ref var item = ref _items[Count++];
        item = default;
        return ref item;
    }

    /// <summary>Forgets the items beyond the first <paramref name="count"/>.</summary>
    public void TruncateTo(int count) => Count = count;

    /// <summary>Forgets all items, and gives memory back that an unusual request made it take.</summary>
    public void Reset(int keepAtMost)
    {
        Count = 0;
        if (_items.Length > keepAtMost)
            _items = new T[64];
    }
}
