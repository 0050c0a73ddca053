using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying;

/// <summary>Where the search blocks lie: for each day of arrival, partition of the hub and service a run of rows, newest first.</summary>
public sealed class SearchBlockStreams(TableStorage storage, DayTables tables, SpanHub hub, NameReader names)
{
    /// <summary>Opens the blocks that may hold what a query asks for.</summary>
    internal async Task<SearchBlockStream> OpenAsync(SearchFilter filter, CancellationToken cancellation)
    {
        var query = filter.Query;
        // A part of a span may not name its service, though the others do.
        var services = filter.AsksEveryService
            ? (await names.ServicesAsync(cancellation)).Select(ServiceKey.Of).Append("").Distinct().ToArray()
            : [.. new[] { ServiceKey.Of(query.ServiceName!), "" }.Distinct()];
        var partitions = await hub.PartitionIdsAsync(cancellation);
        // Parts of spans that do not say when they began are filed by when they came, which is after they began.
        const ulong Slack = SearchFilter.TraceTimestampSlackNs;
        var before = query.Semantics == QuerySemantics.AnySpanOfService ? Slack : 0;
        var oldestNs = query.StartMinNs - Math.Min(query.StartMinNs, before);
        var newestNs = query.StartMaxNs + Math.Min(ulong.MaxValue - query.StartMaxNs, Slack + SearchBlock.MaxSpanOfStartsNs);
        var days = (await tables.DaysAsync(DayTables.Search, cancellation)).Where(day => MayHold(day, oldestNs)).ToArray();
        return new SearchBlockStream(storage, [.. partitions.Select(RowKeys.Partition)], services, days, oldestNs, newestNs);
    }

    /// <summary>Spans arrive after they start; a day of grace is for senders whose clock is ahead.</summary>
    private static bool MayHold(DateOnly arrival, ulong oldestNs)
    {
        var end = arrival.AddDays(2).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) - DateTime.UnixEpoch;
        return (ulong)end.Ticks * 100 > oldestNs;
    }
}
