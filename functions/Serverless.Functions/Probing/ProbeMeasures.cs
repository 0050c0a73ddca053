using Serverless.Functions.Alerting.Measures;
using Serverless.Functions.Storage;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Probing;

/// <summary>The measures of probes; none has a value while nothing is probed.</summary>
public sealed class ProbeMeasures(ProbeStore store)
{
    /// <summary>Reads <c>probes</c>, <c>probes_failed</c> or <c>probe_visible_seconds</c>; a probe counts in its own minute.</summary>
    /// <exception cref="StorageException">The probes cannot be read.</exception>
    /// <exception cref="FormatException">A row is damaged.</exception>
    public async Task<IReadOnlyList<MeasureValue>> ReadAsync(MeasureQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        var groups = new Dictionary<LabelSet, List<ProbeRow>>();
        await foreach (var probe in store.ReadAsync(query.From, query.To, cancellation))
        {
            var labels = LabelSet.Of([new("protocol", ProbeNames.Of(probe.Protocol)), new("finding", ProbeNames.Of(probe.Finding))]);
            if (!Counts(query.Measure, probe) || !query.Where.All(filter => filter.Takes(labels[filter.Label])))
                continue;
            var group = labels.Only(query.By);
            if (!groups.TryGetValue(group, out var probes))
                groups[group] = probes = [];
            probes.Add(probe);
        }

        return [.. groups.Select(group => new MeasureValue(group.Key, query.Measure == "probe_visible_seconds"
            ? ProbeFigures.VisibleSeconds(group.Value, query.Quantile)!.Value
            : group.Value.Count))];
    }

    private static bool Counts(string measure, ProbeRow probe) => measure switch
    {
        "probes" => probe.State != ProbeState.Pending,
        "probes_failed" => probe.State == ProbeState.Failed,
        _ => probe.VisibleAfter is not null,
    };
}
