using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Jaeger;

/// <summary>What a query of Jaeger's metrics API asks for, with Jaeger's defaults and its texts for what is wrong.</summary>
/// <param name="Services">The services, at least one.</param>
/// <param name="Kinds">The kinds of spans.</param>
/// <param name="IsByOperation">Tells operations apart.</param>
/// <param name="EndMs">The last point, in milliseconds since 1970.</param>
/// <param name="LookbackMs">How long before it the first point lies, in milliseconds.</param>
/// <param name="StepMs">From point to point, in milliseconds.</param>
/// <param name="RateMs">How long before a point its value begins, in milliseconds; a minute at least.</param>
internal sealed record JaegerMetricsParameters(
    IReadOnlyList<string> Services, IReadOnlyList<SpanKind> Kinds, bool IsByOperation, long EndMs, long LookbackMs, long StepMs, long RateMs)
{
    /// <summary>How many points a series may have: Prometheus' bound.</summary>
    public const int MaxPoints = 11_000;

    private const long DefaultLookbackMs = 3_600_000;
    private const long DefaultStepMs = 5_000;
    private const long DefaultRateMs = 600_000;
    private const long MillisecondsPerMinute = 60_000;

    // The year 2262, where times in nanoseconds end; the same before it.
    private const long MostMs = long.MaxValue / 1_000_000;

    /// <summary>Reads the parameters.</summary>
    /// <param name="parameters">The query string.</param>
    /// <param name="now">Where the time ends by default.</param>
    /// <exception cref="InvalidQueryException">A parameter is malformed or missing.</exception>
    public static JaegerMetricsParameters Of(IQueryCollection parameters, DateTimeOffset now)
    {
        string[] services = [.. parameters["service"].OfType<string>()];
        if (services.Length == 0)
            throw JaegerParameters.Unparsed("service", "please provide at least one service name");
        var isByOperation = JaegerParameters.Flag(parameters, "groupByOperation");
        SpanKind[] kinds = parameters.ContainsKey("spanKind")
            ? [.. parameters["spanKind"].Select(kind => JaegerParameters.KindOf(kind ?? ""))]
            : [SpanKind.Server];
        var end = Math.Clamp(JaegerParameters.Time(parameters, "endTs") ?? now.ToUnixTimeMilliseconds(), 0, MostMs);
        var lookback = Math.Clamp(JaegerParameters.Time(parameters, "lookback") ?? DefaultLookbackMs, 0, MostMs);
        var step = JaegerParameters.Time(parameters, "step") ?? DefaultStepMs;
        var rate = JaegerParameters.Time(parameters, "ratePer") ?? DefaultRateMs;
        if (step <= 0)
            throw JaegerParameters.Unparsed("step", "zero or negative query resolution step widths are not accepted. Try a positive integer");
        if (rate <= 0)
            throw JaegerParameters.Unparsed("ratePer", "duration must be greater than 0");
        if (lookback / step >= MaxPoints)
        {
            throw JaegerParameters.Unparsed(
                "step", $"exceeded maximum resolution of {MaxPoints:N0} points per timeseries. Try decreasing the query resolution (?step=XX)");
        }

        return new JaegerMetricsParameters(
            services, kinds, isByOperation, end, Math.Min(lookback, end), step, Math.Clamp(rate, MillisecondsPerMinute, MostMs));
    }

    /// <summary>The share that a quantile asks for.</summary>
    /// <exception cref="InvalidQueryException">It is missing, or none.</exception>
    public static double Quantile(IQueryCollection parameters)
    {
        var quantile = JaegerParameters.Parse("quantile", JaegerParameters.Text(parameters, "quantile"), GoText.ParseFloat);
        return quantile is >= 0 and <= 1
            ? quantile
            : throw JaegerParameters.Unparsed("quantile", $"a quantile is a number from 0 to 1, not {JaegerParameters.Text(parameters, "quantile")}");
    }
}
