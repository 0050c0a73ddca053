using System.Runtime.InteropServices;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Aggregation;

/// <summary>The spans of some services and kinds in a window of minutes, by service, or by operation. Used by one thread at a time.</summary>
public sealed class RedWindow : IAggregateSink
{
    /// <summary>The most minutes of series that a window holds, all series together: beyond, it is <see cref="IsIncomplete"/>.</summary>
    public const int MaxPoints = 400_000;

    private static readonly ExponentialHistogram None = new();

    private readonly Dictionary<(string Service, string? Operation), RedSeries> _series = [];
    private readonly HashSet<string>? _services;
    private readonly HashSet<SpanKind> _kinds;
    private int _points;
    private RedSeries? _begun;

    /// <summary>Makes an empty one.</summary>
    /// <param name="services">The services, or null for all.</param>
    /// <param name="kinds">The kinds.</param>
    public RedWindow(IEnumerable<string>? services, IEnumerable<SpanKind> kinds)
    {
        // Names are stored cut.
        _services = services?.Select(service => AggregateName.Of(service).ToString()).ToHashSet(StringComparer.Ordinal);
        _kinds = [.. kinds];
    }

    /// <summary>The first minute, in minutes since 1970.</summary>
    public required long FirstMinute { get; init; }

    /// <summary>The last minute, included.</summary>
    public required long LastMinute { get; init; }

    /// <summary>Tells operations apart.</summary>
    public bool IsByOperation { get; init; }

    /// <summary>Has histograms.</summary>
    public bool HasDurations { get; init; }

    /// <summary>There was more than <see cref="MaxPoints"/>.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>An empty window of the same minutes, services and kinds.</summary>
    public RedWindow NewPart() => new(_services, _kinds)
    {
        FirstMinute = FirstMinute, LastMinute = LastMinute, IsByOperation = IsByOperation, HasDurations = HasDurations,
    };

    /// <summary>
    /// The series that have any calls, by service, then operation. A negative count of an operation is set off against "(other)", under which
    /// it was counted (<see cref="TraceAggregates"/>).
    /// </summary>
    public IReadOnlyList<RedSeries> ToList()
    {
        foreach (var series in _series.Values.ToArray())
            SetOff(series);
        return
        [
            .. _series.Values.Where(series => series.Minutes.Any(minute => series.SumsAt(minute).Calls > 0))
                .OrderBy(series => series.Service, StringComparer.Ordinal).ThenBy(series => series.Operation, StringComparer.Ordinal),
        ];
    }

    /// <summary>Adds all that another window of the same kind has.</summary>
    public void Add(RedWindow other)
    {
        ArgumentNullException.ThrowIfNull(other);
        IsIncomplete |= other.IsIncomplete;
        foreach (var series in other._series.Values)
        {
            _begun = SeriesOf(series.Service, series.Operation);
            foreach (var minute in series.Minutes)
                Add(minute, series.SumsAt(minute), series.DurationsAt(minute) ?? None);
        }
    }

    /// <inheritdoc/>
    bool IAggregateSink.BeginRed(string service, string operation, SpanKind kind)
    {
        if (!_kinds.Contains(kind) || _services?.Contains(service) == false)
            return false;
        _begun = SeriesOf(service, IsByOperation ? operation : null);
        return true;
    }

    /// <inheritdoc/>
    void IAggregateSink.AddRed(long minute, RedSums sums, ExponentialHistogram durations)
    {
        if (minute >= FirstMinute && minute <= LastMinute)
            Add(minute, sums, durations);
    }

    /// <inheritdoc/>
    bool IAggregateSink.BeginLink(string parent, string child) => false;

    /// <inheritdoc/>
    void IAggregateSink.AddLink(long minute, LinkSums sums)
    {
    }

    private RedSeries SeriesOf(string service, string? operation)
    {
        ref var series = ref CollectionsMarshal.GetValueRefOrAddDefault(_series, (service, operation), out _);
        return series ??= new RedSeries(service, operation, HasDurations);
    }

    private void Add(long minute, RedSums sums, ExponentialHistogram durations)
    {
        if (_points >= MaxPoints)
            IsIncomplete = true;
        else if (_begun!.Add(minute, sums, durations))
            _points++;
    }

    private void SetOff(RedSeries series)
    {
        if (series.Operation is null or AggregateName.Other)
            return;
        foreach (var minute in series.Minutes.Where(minute => series.SumsAt(minute).Calls < 0).ToArray())
        {
            SeriesOf(series.Service, AggregateName.Other).Add(minute, series.SumsAt(minute), series.DurationsAt(minute) ?? None);
            series.RemoveAt(minute);
        }
    }
}
