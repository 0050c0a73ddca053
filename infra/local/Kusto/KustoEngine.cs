namespace Serverless.Local.Kusto;

/// <summary>Runs queries over a database's tables. Each query has a thread of its own, as it computes all the time it runs.</summary>
/// <param name="tables">The database.</param>
/// <param name="time">What now() and timeouts go by.</param>
/// <param name="limits">What one query may use.</param>
internal sealed class KustoEngine(IEnumerable<IKustoTable> tables, TimeProvider time, QueryLimits? limits = null)
{
    /// <summary>Bytes. The depth of texts, expressions and steps is bounded so that this is several times what they need; only what is touched is taken.</summary>
    private const int StackSize = 64 << 20;

    /// <summary>Queries at the same time; more wait.</summary>
    private const int MaxConcurrentQueries = 8;

    private static readonly IReadOnlyDictionary<string, Value> NoParameters = new Dictionary<string, Value>();

    private readonly SemaphoreSlim _places = new(MaxConcurrentQueries);
    private readonly Dictionary<string, IKustoTable> _tables = tables.ToDictionary(table => table.Name, StringComparer.Ordinal);

    /// <summary>Runs a query.</summary>
    /// <param name="query">Its text.</param>
    /// <param name="parameters">Values for what it declares with declare query_parameters; null for none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="KustoException">It is refused, or failed; the message says why and where.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public async Task<KustoResult> ExecuteAsync(string query, IReadOnlyDictionary<string, Value>? parameters = null, CancellationToken cancellation = default)
    {
        await _places.WaitAsync(cancellation);
        try
        {
            return await OnThreadAsync(query, parameters ?? NoParameters, cancellation);
        }
        finally
        {
            _places.Release();
        }
    }

    private Task<KustoResult> OnThreadAsync(string query, IReadOnlyDictionary<string, Value> parameters, CancellationToken cancellation)
    {
        var result = new TaskCompletionSource<KustoResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    result.SetResult(Execute(query, parameters, cancellation));
                }
                catch (OperationCanceledException exception)
                {
                    result.SetCanceled(exception.CancellationToken.IsCancellationRequested ? exception.CancellationToken : cancellation);
                }
                catch (Exception exception)
                {
                    result.SetException(exception);
                }
            },
            StackSize)
        {
            IsBackground = true,
            Name = "KQL",
        };
        thread.Start();
        return result.Task;
    }

    private KustoResult Execute(string query, IReadOnlyDictionary<string, Value> parameters, CancellationToken cancellation)
    {
        var bounds = limits ?? new QueryLimits();
        if (query.Length > bounds.MaxQueryLength)
            throw KustoException.Limit("E_QUERY_TOO_LONG", $"it has {query.Length:N0} characters; at most {bounds.MaxQueryLength:N0} are allowed");
        using var timeout = new CancellationTokenSource(bounds.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        var context = new QueryContext(bounds, time.GetUtcNow().UtcDateTime, both.Token, cancellation, timeout.Token);
        try
        {
            var plan = Binder.Bind(query, context, _tables, parameters);
            plan.RequireAll();
            return new KustoResult(plan.Schema, Collect(plan, context, bounds));
        }
        catch (System.Text.RegularExpressions.RegexMatchTimeoutException exception)
        {
            throw KustoException.Execution($"The regular expression '{exception.Pattern}' took too long");
        }
        catch (OverflowException)
        {
            throw KustoException.Execution("A number is too large for its type: a decimal has 28 digits");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // A table's scan was ended by the query's own timeout.
            context.Check();
            throw;
        }
    }

    private static List<Batch> Collect(PlanNode plan, QueryContext context, QueryLimits bounds)
    {
        var batches = new List<Batch>();
        var (rows, bytes) = (0L, 0L);
        foreach (var batch in plan.Execute(context))
        {
            context.Check();
            rows += batch.Count;
            bytes += batch.EstimatedBytes;
            if (rows > bounds.MaxResultRows || bytes > bounds.MaxResultBytes)
                throw KustoException.Limit("E_QUERY_RESULT_SET_TOO_LARGE", $"the result has more than {bounds.MaxResultRows:N0} rows or {bounds.MaxResultBytes >> 20:N0} MB; aggregate, or take fewer rows");
            batches.Add(batch);
        }
        return batches;
    }
}
