using System.Globalization;
using System.Text;
using Serverless.Tracing.Aggregation;

namespace Serverless.Functions.Accounting;

/// <summary>Writes Prometheus' text format 0.0.4, or OpenMetrics 1.0.0. A metric's samples come together, under its HELP and TYPE.</summary>
/// <remarks>
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format, and
/// https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md: there a counter's name is told without <c>_total</c>, and the end is marked.
/// </remarks>
/// <param name="isOpenMetrics">Which of the two.</param>
internal sealed class PrometheusText(bool isOpenMetrics = false)
{
    private const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    private const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private const string Total = "_total";
    private const double NanosecondsPerSecond = 1e9;

    private static readonly double[] BoundsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private readonly StringBuilder _text = new();

    /// <summary>What the text is.</summary>
    public string ContentType => isOpenMetrics ? OpenMetricsType : TextType;

    /// <summary>Whether it is OpenMetrics, which knows no counter without <c>_total</c>.</summary>
    public bool IsOpenMetrics => isOpenMetrics;

    /// <summary>Writes a metric; samples of the same labels are added up.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">counter or gauge.</param>
    /// <param name="help">What it is.</param>
    /// <param name="labels">The names of its labels.</param>
    /// <param name="samples">Their values, and the value.</param>
    public void Write(string name, string type, string help, string[] labels, IEnumerable<(string[] Labels, double Value)> samples)
    {
        Head(name, type, help);
        foreach (var group in samples.GroupBy(sample => Labels(labels, sample.Labels)).OrderBy(group => group.Key, StringComparer.Ordinal))
            Sample(name, Braced(group.Key), group.Sum(sample => sample.Value));
    }

    /// <summary>Writes a histogram of seconds. Its sum is that of the middles of the buckets that were counted in, each at most 9 % wide.</summary>
    public void Histogram(string name, string help, ExponentialHistogram histogram)
    {
        Head(name, "histogram", help);
        var sum = 0.0;
        var counts = new long[BoundsSeconds.Length + 1];
        counts[0] = histogram.ZeroCount;
        var buckets = histogram.Buckets;
        for (var i = 0; i < buckets.Length; i++)
        {
            var bucket = histogram.FirstBucket + i;
            var middle = Math.Sqrt(ExponentialHistogram.LowerBoundOf(bucket) * ExponentialHistogram.UpperBoundOf(bucket)) / NanosecondsPerSecond;
            sum += middle * buckets[i];
            var bound = Array.FindIndex(BoundsSeconds, bound => middle <= bound);
            counts[bound < 0 ? BoundsSeconds.Length : bound] += buckets[i];
        }

        Buckets(name, "", BoundsSeconds, counts, sum);
    }

    /// <summary>Writes histograms of seconds; those of the same labels are added up.</summary>
    /// <param name="name">The metric's name.</param>
    /// <param name="help">What it is.</param>
    /// <param name="bounds">The buckets' upper bounds, in seconds.</param>
    /// <param name="labels">The names of its labels.</param>
    /// <param name="samples">Their values, how many lie in each bucket, the last being what is over all bounds, and their sum in seconds.</param>
    public void Histograms(
        string name, string help, double[] bounds, string[] labels, IEnumerable<(string[] Labels, long[] Counts, double Sum)> samples)
    {
        Head(name, "histogram", help);
        foreach (var group in samples.GroupBy(sample => Labels(labels, sample.Labels)).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var counts = new long[bounds.Length + 1];
            foreach (var sample in group)
            {
                for (var i = 0; i < counts.Length; i++)
                    counts[i] += sample.Counts[i];
            }

            Buckets(name, group.Key, bounds, counts, group.Sum(sample => sample.Sum));
        }
    }

    /// <summary>The whole text.</summary>
    public override string ToString() => isOpenMetrics ? _text + "# EOF\n" : _text.ToString();

    private void Buckets(string name, string labels, double[] bounds, long[] counts, double sum)
    {
        var separator = labels.Length == 0 ? "" : ",";
        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            Sample(name + "_bucket", $"{{{labels}{separator}le=\"{(i < bounds.Length ? Bound(bounds[i]) : "+Inf")}\"}}", total);
        }

        Sample(name + "_sum", Braced(labels), sum);
        Sample(name + "_count", Braced(labels), total);
    }

    private void Head(string name, string type, string help)
    {
        var family = isOpenMetrics && type == "counter" && name.EndsWith(Total, StringComparison.Ordinal) ? name[..^Total.Length] : name;
        var text = help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        if (isOpenMetrics)
            text = text.Replace("\"", "\\\"", StringComparison.Ordinal);
        _text.Append("# HELP ").Append(family).Append(' ').Append(text).Append('\n').Append("# TYPE ").Append(family).Append(' ').Append(type).Append('\n');
    }

    private void Sample(string name, string labels, double value) => _text.Append(name).Append(labels).Append(' ').Append(Number(value)).Append('\n');

    private static string Labels(string[] names, string[] values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < names.Length; i++)
        {
            var value = values[i].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(i == 0 ? "" : ",").Append(names[i]).Append("=\"").Append(value).Append('"');
        }

        return text.ToString();
    }

    private static string Braced(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    // OpenMetrics tells bounds apart by their text, and wants all of them to look like floats.
    private string Bound(double value) => isOpenMetrics && value == Math.Floor(value) ? Number(value) + ".0" : Number(value);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
