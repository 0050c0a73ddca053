namespace Serverless.Tracing.Aggregation;

/// <summary>The spans of a service, or of an operation of it, minute by minute.</summary>
/// <param name="service">The service.</param>
/// <param name="operation">The operation, or null for all together.</param>
/// <param name="hasDurations">False to leave out the histograms.</param>
public sealed class RedSeries(string service, string? operation, bool hasDurations)
{
    private readonly SortedList<long, Point> _points = [];

    /// <summary>The service.</summary>
    public string Service => service;

    /// <summary>The operation, or null for all together.</summary>
    public string? Operation => operation;

    /// <summary>The minutes in which there is anything, ascending, in minutes since 1970.</summary>
    public IList<long> Minutes => _points.Keys;

    /// <summary>The counts of a minute.</summary>
    public RedSums SumsAt(long minute) => _points.TryGetValue(minute, out var point) ? point.Sums : default;

    /// <summary>The durations of a minute, or null.</summary>
    public ExponentialHistogram? DurationsAt(long minute) => _points.TryGetValue(minute, out var point) ? point.Durations : null;

    /// <summary>Adds to a minute.</summary>
    /// <returns>True where it had nothing before.</returns>
    public bool Add(long minute, RedSums sums, ExponentialHistogram durations)
    {
        ArgumentNullException.ThrowIfNull(durations);
        var isNew = !_points.TryGetValue(minute, out var point);
        if (isNew)
            _points.Add(minute, point = new Point(hasDurations ? new ExponentialHistogram() : null));
        point!.Sums += sums;
        point.Durations?.Add(durations);
        return isNew;
    }

    internal void RemoveAt(long minute) => _points.Remove(minute);

    private sealed class Point(ExponentialHistogram? durations)
    {
        public RedSums Sums { get; set; }

        public ExponentialHistogram? Durations => durations;
    }
}
