using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.Tests.Ledger;

/// <summary>
/// Reads Prometheus' text format and OpenMetrics as strictly as they are defined: each metric announced once, with its HELP and TYPE before its samples, which come together; each
/// sample once; histograms whose buckets grow up to +Inf, which is their count; in OpenMetrics counters that end in _total under a name that does not, and the end marked.
/// </summary>
internal sealed partial class PrometheusParser
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly bool _isOpenMetrics;

    private PrometheusParser(bool isOpenMetrics) => _isOpenMetrics = isOpenMetrics;

    /// <summary>The samples, by name and labels.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    /// <summary>The metrics' types.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    /// <summary>The samples that may only grow.</summary>
    public Dictionary<string, double> Counters => _samples.Where(sample => IsCounter(sample.Key.Split('{')[0])).ToDictionary(StringComparer.Ordinal);

    public static PrometheusParser Parse(string text, bool isOpenMetrics = false)
    {
        var parser = new PrometheusParser(isOpenMetrics);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var lines = text[..^1].Split('\n');
        if (isOpenMetrics)
        {
            Assert.Equal("# EOF", lines[^1]);
            lines = lines[..^1];
        }

        parser.Read(lines);
        parser.CheckHistograms();
        return parser;
    }

    private void Read(string[] lines)
    {
        var (metric, hasType) = ("", false);
        foreach (var line in lines)
        {
            Assert.DoesNotContain('\r', line);
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                metric = line.Split(' ', 4)[2];
                hasType = false;
                Assert.Matches("^[a-zA-Z_:][a-zA-Z0-9_:]*$", metric);
                Assert.True(_types.TryAdd(metric, ""), line);
                Assert.Matches(_isOpenMetrics ? """^([^\\"]|\\[\\n"])+$""" : """^([^\\]|\\[\\n])+$""", line.Split(' ', 4)[3]);
                continue;
            }

            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var type = line.Split(' ')[3];
                Assert.Equal(metric, line.Split(' ')[2]);
                Assert.Contains(type, (string[])["counter", "gauge", "histogram"]);
                Assert.False(_isOpenMetrics && type == "counter" && metric.EndsWith("_total", StringComparison.Ordinal), line);
                Assert.False(hasType, line);
                (_types[metric], hasType) = (type, true);
                continue;
            }

            Assert.True(hasType, line);
            var match = Sample().Match(line);
            Assert.True(match.Success, line);
            var name = match.Groups["name"].Value;
            Assert.Contains(name, _types[metric] switch
            {
                "histogram" => [metric + "_bucket", metric + "_sum", metric + "_count"],
                "counter" when _isOpenMetrics => [metric + "_total"],
                _ => (string[])[metric],
            });
            var value = double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture);
            Assert.True(_samples.TryAdd(name + match.Groups["labels"].Value, value), line);
            Assert.False(_types[metric] == "counter" && value < 0, line);
        }
    }

    private void CheckHistograms()
    {
        foreach (var metric in _types.Where(type => type.Value == "histogram").Select(type => type.Key))
        {
            var series = _samples.Where(sample => sample.Key.StartsWith(metric + "_bucket{", StringComparison.Ordinal))
                .GroupBy(sample => Bound().Replace(sample.Key, ""), sample => (Bound: Bound().Match(sample.Key).Groups["le"].Value, sample.Value));
            foreach (var group in series)
            {
                var buckets = group.ToArray();
                Assert.Equal("+Inf", buckets[^1].Bound);
                var bounds = buckets[..^1].Select(bucket => double.Parse(bucket.Bound, CultureInfo.InvariantCulture)).ToArray();
                Assert.Equal(bounds.Order(), bounds);
                Assert.Equal(buckets.Select(bucket => bucket.Value).Order(), buckets.Select(bucket => bucket.Value));
                if (_isOpenMetrics)
                    Assert.All(buckets[..^1], bucket => Assert.Contains('.', bucket.Bound));
                var count = group.Key.Replace("_bucket", "_count", StringComparison.Ordinal).Replace("{}", "", StringComparison.Ordinal);
                Assert.Equal(_samples[count], buckets[^1].Value);
            }
        }
    }

    private bool IsCounter(string name) => _types.GetValueOrDefault(name) == "counter" || _types.GetValueOrDefault(Regex.Replace(name, "_(bucket|count|total)$", "")) is "counter" or "histogram";

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*")*\})? (?<value>\S+)$""")]
    private static partial Regex Sample();

    [GeneratedRegex(""",?le="(?<le>[^"]*)"(?=\}$)""")]
    private static partial Regex Bound();
}
