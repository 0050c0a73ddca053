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

    /// <summary>
    /// Requests to the table storage, by operation; each is a billed transaction: <c>read</c> of a row, <c>list</c> of a page of rows, <c>write</c> of up to 100 rows, <c>delete</c>
    /// of a row or of up to 100, <c>table</c> made, dropped or listed. The client's own repetitions are not seen.
    /// </summary>
    public const string Transactions = "table_transactions";

    /// <summary>Bytes of rows as the storage bills them, written to the tables of days, by kind of table; what merging will delete is taken off.</summary>
    public const string StoredBytes = "stored_bytes";

    /// <summary>Events sent to hubs other than <c>spans</c>, whose events the ledger knows, by hub.</summary>
    public const string HubEvents = "hub_events";

    /// <summary>For how many events of up to 64 KB they are billed, by hub.</summary>
    public const string HubUnits = "hub_units";

    /// <summary>Executions of functions, by function.</summary>
    public const string Executions = "executions";

    /// <summary>How long instances were executing functions, in milliseconds as they are billed, by group (<see cref="ExecutionMeter"/>).</summary>
    public const string ExecutionMilliseconds = "execution_ms";

    /// <summary>Requests to the functions of <see cref="QueryMeter"/>, by function, status and duration.</summary>
    public const string Queries = "queries";

    /// <summary>How long those took, in microseconds, by function and status.</summary>
    public const string QueryMicroseconds = "query_us";

    /// <summary>Messages about alerts that a receiver took, by receiver.</summary>
    public const string NotificationsSent = "notifications_sent";

    /// <summary>Messages about alerts that were given up, by receiver.</summary>
    public const string NotificationsFailed = "notifications_failed";

    // Of a process that cannot write for longer, the oldest are left out: they count work, not spans.
    internal const int MostMinutes = 60;

    // Writing makes these: they must not make another writing necessary.
    private static readonly string[] Unurgent = [Transactions, StoredBytes, Executions, ExecutionMilliseconds];

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
            minute.IsUrgent |= Array.IndexOf(Unurgent, measure) < 0;
        }
    }

    /// <summary>What is here.</summary>
    internal IReadOnlyDictionary<DateTimeOffset, KeyValuePair<WorkKey, long>[]> Snapshot()
    {
        lock (_gate)
            return _minutes.ToDictionary(minute => minute.Key, minute => minute.Value.Counts.ToArray());
    }

    /// <summary>What is to be written, with a number that says how much was counted.</summary>
    internal IReadOnlyList<(DateTimeOffset Minute, long Changes, KeyValuePair<WorkKey, long>[] Counts)> Unwritten(bool everything = false)
    {
        var over = Clock.GetUtcNow() - TimeSpan.FromMinutes(1);
        lock (_gate)
        {
            return [.. _minutes.Where(minute => minute.Value.Changes > minute.Value.Written && (everything || minute.Value.IsUrgent || minute.Key <= over))
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
