using Serverless.Functions.Alerting.Measures;
using Serverless.Tracing.Alerting;

namespace Serverless.Tests.Alerting;

/// <summary>A source whose figures a test writes minute by minute; it puts them together as the measure's kind says.</summary>
internal sealed class ScriptedMeasures(string name) : IMeasureSource
{
    private readonly List<(string Measure, DateTimeOffset Minute, LabelSet Labels, double Value)> _points = [];

    public string Name => name;

    /// <summary>Why it cannot be read; null where it can.</summary>
    public string? Failure { get; set; }

    public void Add(string measure, DateTimeOffset time, double value, params (string Name, string Value)[] labels)
    {
        var definition = MeasureCatalog.Find(name, measure);
        Assert.NotNull(definition);
        Assert.All(labels, label => Assert.Contains(label.Name, definition.Labels));
        var minute = new DateTimeOffset(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        _points.Add((measure, minute, LabelSet.Of(labels.Select(l => KeyValuePair.Create(l.Name, l.Value))), value));
    }

    public Task<IReadOnlyList<MeasureValue>> ReadAsync(MeasureQuery query, CancellationToken cancellation)
    {
        if (Failure is not null)
            throw new MeasureException(Failure);
        Assert.Equal(0, query.From.UtcTicks % TimeSpan.TicksPerMinute);
        Assert.Equal(0, query.To.UtcTicks % TimeSpan.TicksPerMinute);
        var kind = MeasureCatalog.Find(name, query.Measure)!.Kind;
        var values = _points
            .Where(p => p.Measure == query.Measure && p.Minute >= query.From && p.Minute < query.To && query.Where.All(f => f.Takes(p.Labels[f.Label])))
            .GroupBy(p => p.Labels.Only(query.By))
            .Select(g => new MeasureValue(g.Key, kind switch
            {
                MeasureKind.Sum => g.Sum(p => p.Value),
                MeasureKind.Last => g.Where(p => p.Minute == g.Max(other => other.Minute)).Max(p => p.Value),
                _ => g.Max(p => p.Value),
            }));
        return Task.FromResult<IReadOnlyList<MeasureValue>>([.. values]);
    }
}
