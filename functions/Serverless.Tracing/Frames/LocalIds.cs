namespace Serverless.Tracing.Frames;

/// <summary>
/// Numbers the things of a batch (texts, shapes, resources…) anew for each frame, in the order of their first use there.
/// Starting a frame costs nothing: an entry counts only if it carries the frame's stamp.
/// </summary>
internal sealed class LocalIds
{
    private const int FirstEntries = 256;

    private (int Stamp, int Local)[] _entries = new (int, int)[FirstEntries];
    private int _stamp;

    /// <summary>How many things the frame has numbered.</summary>
    public int Count { get; private set; }

    /// <summary>Begins a frame of a batch that has that many things.</summary>
    public void Begin(int things)
    {
        if (_entries.Length < things || _stamp == int.MaxValue)
        {
            _entries = new (int, int)[Math.Max(things, _entries.Length * 2)];
            _stamp = 0;
        }

        _stamp++;
        Count = 0;
    }

    /// <summary>The number of a thing, from 0; true where this is its first use in the frame.</summary>
    public bool Add(int thing, out int local)
    {
        ref var entry = ref _entries[thing];
        if (entry.Stamp == _stamp)
        {
            local = entry.Local;
            return false;
        }

        entry = (_stamp, local = Count++);
        return true;
    }

    /// <summary>Gives memory back that an unusual request made it take; a frame has to begin anew.</summary>
    public void Trim(int keepAtMost)
    {
        if (_entries.Length <= keepAtMost)
            return;
        _entries = new (int, int)[FirstEntries];
        _stamp = 0;
    }

    /// <summary>Makes room for a thing that was added to the batch after <see cref="Begin"/>.</summary>
    public void Cover(int things)
    {
        if (_entries.Length < things)
            Array.Resize(ref _entries, Math.Max(things, _entries.Length * 2));
    }
}
