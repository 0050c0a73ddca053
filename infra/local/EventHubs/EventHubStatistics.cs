namespace Serverless.Local;

/// <summary>What the hubs of a namespace have done since it was opened.</summary>
/// <param name="Sends">Batches that were made durable.</param>
/// <param name="Events">Events in them.</param>
/// <param name="Bytes">Bytes written for them.</param>
/// <param name="Flushes">How often a file was flushed to disk for them; fewer than sends where sends were concurrent.</param>
internal readonly record struct EventHubStatistics(long Sends, long Events, long Bytes, long Flushes)
{
    /// <summary>Adds up from many threads.</summary>
    internal sealed class Counter
    {
        private long _sends;
        private long _events;
        private long _bytes;
        private long _flushes;

        internal EventHubStatistics Value =>
            new(Interlocked.Read(ref _sends), Interlocked.Read(ref _events), Interlocked.Read(ref _bytes), Interlocked.Read(ref _flushes));

        internal void Add(long sends, long events, long bytes)
        {
            Interlocked.Add(ref _sends, sends);
            Interlocked.Add(ref _events, events);
            Interlocked.Add(ref _bytes, bytes);
            Interlocked.Increment(ref _flushes);
        }
    }
}
