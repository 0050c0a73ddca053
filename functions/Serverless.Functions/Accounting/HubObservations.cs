namespace Serverless.Functions.Accounting;

/// <summary>
/// Remembers what was seen of the hub, for it tells no event's time: one that was not there when somebody looked came later than that. A hint of this process; without
/// it the bound is wider. Used by any number at once.
/// </summary>
internal sealed class HubObservations
{
    // A quarter of an hour at one look in 15 s.
    private const int Most = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<(long Last, DateTimeOffset At)>> _seen = new(StringComparer.Ordinal);

    /// <summary>The partition's newest event was this one.</summary>
    public void Add(string partition, long last, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (!_seen.TryGetValue(partition, out var seen))
                _seen.Add(partition, seen = new Queue<(long, DateTimeOffset)>(Most));
            if (seen.Count == Most)
                seen.Dequeue();
            seen.Enqueue((last, at));
        }
    }

    /// <summary>A moment at which the event was not there yet, the latest that is known; <see cref="DateTimeOffset.MinValue"/> for none.</summary>
    public DateTimeOffset LastWithout(string partition, long sequence)
    {
        var latest = DateTimeOffset.MinValue;
        lock (_gate)
        {
            if (!_seen.TryGetValue(partition, out var seen))
                return latest;
            foreach (var (last, at) in seen)
                latest = last < sequence && at > latest ? at : latest;
        }

        return latest;
    }
}
