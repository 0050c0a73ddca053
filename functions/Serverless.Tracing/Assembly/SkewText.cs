using System.Globalization;

namespace Serverless.Tracing.Assembly;

/// <summary>A difference of times in words that people read.</summary>
internal static class SkewText
{
    public static string Of(long ns)
    {
        var size = Math.Abs((double)ns);
        var (unit, scale) = size >= 1e9 ? ("s", 1e9) : size >= 1e6 ? ("ms", 1e6) : ("µs", 1e3);
        return string.Create(CultureInfo.InvariantCulture, $"{(ns < 0 ? "−" : "+")}{size / scale:0.###} {unit}");
    }
}
