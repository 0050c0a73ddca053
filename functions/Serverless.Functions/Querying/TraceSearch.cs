using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying;

/// <summary>Finds traces by what their spans say, newest first.</summary>
public sealed class TraceSearch(
    TableStorage storage, DayTables tables, SpanHub hub, NameReader names, TraceReader traces, TracingSettings settings, TimeProvider clock)
{
    /// <summary>Finds the newest traces that match, at most as many as the query's limit.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    public Task<SearchResult> FindAsync(TraceQuery query, CancellationToken cancellation) =>
        throw new InvalidOperationException();
}
