using System.Globalization;
using System.Text;
using Serverless.Tracing.Aggregation;

namespace Serverless.Functions.Accounting;

/// <summary>Writes Prometheus' text format 0.0.4. A metric's samples come together, under its HELP and TYPE.</summary>
/// <remarks>https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.</remarks>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const double NanosecondsPerSecond = 1e9;

    private static readonly double[] BoundsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private readonly StringBuilder _text = new();

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
            Sample(name, group.Key, group.Sum(sample => sample.Value));
    }

    /// <summary>Writes a histogram of seconds. Its sum is that of the middles of the buckets that were counted in, each at most 9 % wide.</summary>
    public void Histogram(string name, string help, ExponentialHistogram histogram)
    {
        Head(name, "histogram", help);
        var sum = 0.0;
        var counts = new long[BoundsSeconds.Length];
        var buckets = histogram.Buckets;
        for (var i = 0; i < buckets.Length; i++)
        {
            var bucket = histogram.FirstBucket + i;
            var middle = Math.Sqrt(ExponentialHistogram.LowerBoundOf(bucket) * ExponentialHistogram.UpperBoundOf(bucket)) / NanosecondsPerSecond;
            sum += middle * buckets[i];
            for (var bound = 0; bound < BoundsSeconds.Length; bound++)
                counts[bound] += middle <= BoundsSeconds[bound] ? buckets[i] : 0;
        }

        for (var bound = 0; bound < BoundsSeconds.Length; bound++)
            Sample(name + "_bucket", $"{{le=\"{Number(BoundsSeconds[bound])}\"}}", counts[bound] + histogram.ZeroCount);
        Sample(name + "_bucket", "{le=\"+Inf\"}", histogram.Count);
        Sample(name + "_sum", "", sum);
        Sample(name + "_count", "", histogram.Count);
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private void Head(string name, string type, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private void Sample(string name, string labels, double value) => _text.Append(name).Append(labels).Append(' ').Append(Number(value)).Append('\n');

    private static string Labels(string[] names, string[] values)
    {
        if (names.Length == 0)
            return "";
        var text = new StringBuilder("{");
        for (var i = 0; i < names.Length; i++)
        {
            var value = values[i].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(i == 0 ? "" : ",").Append(names[i]).Append("=\"").Append(value).Append('"');
        }

        return text.Append('}').ToString();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
