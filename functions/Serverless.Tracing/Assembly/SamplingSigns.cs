using System.Globalization;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>What spans say about the sampler that chose them.</summary>
internal static class SamplingSigns
{
    // OTLP: bit 8 says that the bit about the remote parent is set, and so that the field was filled in at all.
    private const uint FlagsAreKnown = 0x100;
    private const uint SampledFlag = 1;
    private const int ThresholdDigits = 14;

    private const string SamplerType = "sampler.type";
    private const string SamplerParameter = "sampler.param";

    /// <summary>The attributes by which a sampler is told.</summary>
    public static readonly string[] Keys = [SamplerType, SamplerParameter];

    /// <summary>The span was recorded though its context said not to.</summary>
    public static bool IsUnsampled(Span span) =>
        span.Protocol == SpanProtocol.Otlp && (span.Flags & FlagsAreKnown) != 0 && (span.Flags & SampledFlag) == 0;

    /// <summary>How the sampler chose, in words; empty where it chose all or nothing is known.</summary>
    public static string Of(Span span)
    {
        if (ProbabilityOf(span.TraceState) is { } probability and < 1)
            return Text(probability);
        var type = span.Attributes.Count == 0 ? "" : AttributeText.Find(span.Attributes, SamplerType);
        if (type is "" or "const")
            return "";
        var parameter = AttributeText.Find(span.Attributes, SamplerParameter);
        var isAll = type == "probabilistic"
            && double.TryParse(parameter, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share >= 1;
        return isAll ? "" : $"chosen by the sampler {type}{(parameter.Length > 0 ? " " + parameter : "")}";
    }

    // OpenTelemetry's "Probability sampling" in tracestate: th is the threshold of 56 bits in hex without trailing zeros; p is its forerunner, 2^-p.
    private static double? ProbabilityOf(string traceState)
    {
        if (traceState.Length == 0)
            return null;
        foreach (var range in traceState.AsSpan().Split(','))
        {
            var member = traceState.AsSpan(range).Trim();
            if (!member.StartsWith("ot=", StringComparison.Ordinal))
                continue;
            var fields = member[3..];
            foreach (var field in fields.Split(';'))
            {
                var text = fields[field];
                if (text.StartsWith("th:", StringComparison.Ordinal) && text.Length is > 3 and <= 3 + ThresholdDigits
                    && ulong.TryParse(text[3..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var threshold))
                    return 1 - (threshold * Math.Pow(2, -4 * (text.Length - 3)));
                if (text.StartsWith("p:", StringComparison.Ordinal)
                    && int.TryParse(text[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var power) && power < 63)
                    return Math.Pow(2, -power);
            }
        }

        return null;
    }

    private static string Text(double probability) =>
        string.Create(CultureInfo.InvariantCulture, $"chosen with a probability of {probability:0.######}");
}
