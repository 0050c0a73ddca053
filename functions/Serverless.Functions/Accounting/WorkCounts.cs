namespace Serverless.Functions.Accounting;

/// <summary>
/// What this process works, by minute: batches, tries that failed, what the storage put off. It is only here until <see cref="WorkLedger"/> has written it.
/// </summary>
public sealed class WorkCounts
{
    /// <summary>Batches that were worked on, by stage.</summary>
    public const string Batches = "batches";

    /// <summary>Tries of batches that failed, by stage.</summary>
    public const string BatchFailures = "batch_failures";

    /// <summary>Operations that the table storage put off, by operation.</summary>
    public const string Throttled = "storage_throttled";

    /// <summary>Requests to the table storage, by operation (read, list, write); each is a billed transaction. The client's own repetitions are not seen.</summary>
    public const string Transactions = "table_transactions";

    // Of a process that cannot write for longer, the oldest are left out: they count work, not spans.
    private const int MostMinutes = 60;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<DateTimeOffset, Minute> _minutes = [];

    /// <summary>The clock; tests set another.</summary>
    internal TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Tells this process from others.</summary>
    internal string Process { get; } = Guid.NewGuid().ToString("N")[..12];

    /// <summary>Counts.</summary>
    public void Add(string measure, string label, long count = 1)
    {
        if (count == 0)
            return;
        var now = Clock.GetUtcNow();
        var at = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        lock (_gate)
        {
            if (!_minutes.TryGetValue(at, out var minute))
            {
                _minutes.Add(at, minute = new Minute());
                if (_minutes.Count > MostMinutes)
                    _minutes.Remove(_minutes.Keys.First());
            }

            var key = new WorkKey(measure, label);
            minute.Counts[key] = minute.Counts.GetValueOrDefault(key) + count;
            minute.Changes++;
            // Writing makes a transaction: it must not make another one necessary.
            minute.IsUrgent |= measure != Transactions;
        }
    }

    /// <summary>What is here.</summary>
    internal IReadOnlyDictionary<DateTimeOffset, KeyValuePair<WorkKey, long>[]> Snapshot()
    {
        lock (_gate)
            return _minutes.ToDictionary(minute => minute.Key, minute => minute.Value.Counts.ToArray());
    }

    /// <summary>What is to be written, with a number that says how much was counted.</summary>
    internal IReadOnlyList<(DateTimeOffset Minute, long Changes, KeyValuePair<WorkKey, long>[] Counts)> Unwritten()
    {
        var over = Clock.GetUtcNow() - TimeSpan.FromMinutes(1);
        lock (_gate)
        {
            return [.. _minutes.Where(minute => minute.Value.Changes > minute.Value.Written && (minute.Value.IsUrgent || minute.Key <= over))
                .Select(minute => (minute.Key, minute.Value.Changes, minute.Value.Counts.ToArray()))];
        }
    }

    /// <summary>Says that a minute is written as it was then; one that is over and has no more is forgotten.</summary>
    internal void Written(DateTimeOffset at, long changes)
    {
        lock (_gate)
        {
            if (!_minutes.TryGetValue(at, out var minute))
                return;
            minute.Written = changes;
            minute.IsUrgent = minute.Changes > changes && minute.IsUrgent;
            if (minute.Changes == changes && Clock.GetUtcNow() - at > TimeSpan.FromMinutes(1))
                _minutes.Remove(at);
        }
    }

    private sealed class Minute
    {
        public Dictionary<WorkKey, long> Counts { get; } = [];

        public long Changes { get; set; }

        public long Written { get; set; }

        public bool IsUrgent { get; set; }
    }
}
