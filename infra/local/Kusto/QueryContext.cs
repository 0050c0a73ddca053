namespace Serverless.Local.Kusto;

/// <summary>A run of a query: its clock, what it has used of its limits, and what was materialized.</summary>
internal sealed class QueryContext
{
    private readonly CancellationToken _caller;
    private readonly CancellationToken _timeout;
    private long _rows;
    private long _heldBytes;

    public QueryContext(QueryLimits limits, DateTime now, CancellationToken either, CancellationToken caller, CancellationToken timeout)
    {
        Limits = limits;
        Now = now;
        Cancellation = either;
        _caller = caller;
        _timeout = timeout;
    }

    public QueryLimits Limits { get; }

    /// <summary>The time that now() and ago() go by: one for the whole query.</summary>
    public DateTime Now { get; }

    /// <summary>Ends when the caller gave up, or the query's time is over.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Results of materialize(), by the step that made them.</summary>
    public Dictionary<object, IReadOnlyList<Batch>> Materialized { get; } = [];

    /// <summary>The rows that a subquery's source stands for at the moment.</summary>
    public Dictionary<object, Batch> Sources { get; } = [];

    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <exception cref="KustoException">The query's time is over.</exception>
    public void Check()
    {
        _caller.ThrowIfCancellationRequested();
        if (_timeout.IsCancellationRequested)
            throw KustoException.Limit("E_QUERY_TIMEOUT", $"the query ran for {Limits.Timeout}; narrow its time range, or raise its timeout");
    }

    /// <summary>Counts rows that a step has made.</summary>
    public void CountRows(int rows)
    {
        Check();
        _rows += rows;
        if (_rows > Limits.MaxRows)
            throw KustoException.Limit("E_QUERY_TOO_MANY_ROWS", $"its steps made more than {Limits.MaxRows:N0} rows; filter earlier");
    }

    /// <summary>Takes bytes that are held until <see cref="Release"/>.</summary>
    public void Hold(long bytes)
    {
        Check();
        _heldBytes += bytes;
        if (_heldBytes > Limits.MaxMemoryBytes)
            throw KustoException.Limit("E_RUNAWAY_QUERY", $"it needs more than {Limits.MaxMemoryBytes >> 20:N0} MB of memory; filter or aggregate earlier");
    }

    public void Release(long bytes) => _heldBytes -= bytes;
}
