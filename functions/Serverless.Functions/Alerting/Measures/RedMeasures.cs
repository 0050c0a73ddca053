using System.Globalization;
using Serverless.Functions.Aggregates;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Alerting;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Alerting.Measures;

/// <summary>The measures of the traced services, from the aggregates as they are now.</summary>
public sealed class RedMeasures(CurrentAggregates aggregates) : IMeasureSource
{
    private const string Service = "service";
    private const string Operation = "operation";
    private const string Kind = "kind";
    private const double NanosecondsPerSecond = 1e9;

    private static readonly SpanKind[] Kinds = Enum.GetValues<SpanKind>();

    /// <inheritdoc/>
    public string Name => MeasureCatalog.Red;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<MeasureValue>> ReadAsync(MeasureQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Measure is not ("calls" or "spans" or "errors" or "error_ratio" or "latency"))
            throw new MeasureException($"The aggregates do not count '{query.Measure}'.");
        try
        {
            var sums = new Dictionary<LabelSet, Total>();
            // A window does not tell kinds apart: where they are asked for, each is read by itself.
            if (query.By.Contains(Kind, StringComparer.Ordinal))
            {
                foreach (var kind in Kinds.Where(kind => Takes(query, Kind, Word(kind))))
                    await AddAsync(query, [kind], sums, cancellation);
            }
            else
            {
                await AddAsync(query, [.. Kinds.Where(kind => Takes(query, Kind, Word(kind)))], sums, cancellation);
            }

            return [.. sums.Where(sum => sum.Value.Calls > 0).Select(sum => new MeasureValue(sum.Key, sum.Value.Measure(query)))];
        }
        catch (Exception e) when (e is StorageException or HubException or FrameFormatException)
        {
            throw new MeasureException($"The aggregates cannot be read: {e.Message}", e);
        }
    }

    private async Task AddAsync(MeasureQuery query, SpanKind[] kinds, Dictionary<LabelSet, Total> sums, CancellationToken cancellation)
    {
        if (kinds.Length == 0)
            return;
        var isByOperation = query.By.Contains(Operation, StringComparer.Ordinal) || query.Where.Any(filter => filter.Label == Operation);
        var services = query.Where.FirstOrDefault(filter => filter is { Label: Service, IsExcluded: false })?.Values;
        var window = new RedWindow(services, kinds)
        {
            FirstMinute = Minute(query.From), LastMinute = Minute(query.To) - 1, IsByOperation = isByOperation, HasDurations = query.Measure == "latency",
        };
        await aggregates.SpansAsync(window, cancellation);
        if (window.IsIncomplete)
            throw new MeasureException("There are too many series to add up; name services, or leave operations out.");
        foreach (var series in window.ToList())
        {
            if (!Takes(query, Service, series.Service) || (isByOperation && !Takes(query, Operation, series.Operation ?? "")))
                continue;
            var labels = LabelSet.Of(query.By.Select(label => KeyValuePair.Create(label, label switch
            {
                Service => series.Service,
                Operation => series.Operation ?? "",
                _ => Word(kinds[0]),
            })));
            if (!sums.TryGetValue(labels, out var total))
                sums[labels] = total = new Total();
            total.Add(series);
        }
    }

    private static bool Takes(MeasureQuery query, string label, string value) => query.Where.All(filter => filter.Label != label || filter.Takes(value));

    private static long Minute(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;

    private static string Word(SpanKind kind) => kind.ToString().ToLower(CultureInfo.InvariantCulture);

    private sealed class Total
    {
        private readonly ExponentialHistogram _durations = new();
        private RedSums _sums;

        public long Calls => _sums.Calls;

        public void Add(RedSeries series)
        {
            foreach (var minute in series.Minutes)
            {
                _sums += series.SumsAt(minute);
                if (series.DurationsAt(minute) is { } durations)
                    _durations.Add(durations);
            }
        }

        public double Measure(MeasureQuery query) => query.Measure switch
        {
            "errors" => Math.Max(0, _sums.Errors),
            "error_ratio" => (double)Math.Max(0, _sums.Errors) / _sums.Calls,
            "latency" => _durations.Quantile(query.Quantile) / NanosecondsPerSecond,
            _ => _sums.Calls,
        };
    }
}
