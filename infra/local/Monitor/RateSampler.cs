using OpenTelemetry.Trace;

namespace Serverless.Local;

/// <summary>Takes so many traces a second and no more; a span whose parent was decided on follows it.</summary>
internal sealed class RateSampler(double tracesPerSecond) : Sampler
{
    private readonly Lock _gate = new();
    private double _left = 1;
    private long _at = TimeProvider.System.GetTimestamp();

    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        if (samplingParameters.ParentContext.SpanId != default)
        {
            var isTaken = samplingParameters.ParentContext.TraceFlags.HasFlag(System.Diagnostics.ActivityTraceFlags.Recorded);
            return new SamplingResult(isTaken ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
        }

        lock (_gate)
        {
            var now = TimeProvider.System.GetTimestamp();
            _left = Math.Min(Math.Max(1, tracesPerSecond), _left + (TimeProvider.System.GetElapsedTime(_at, now).TotalSeconds * tracesPerSecond));
            _at = now;
            if (_left < 1)
                return new SamplingResult(SamplingDecision.Drop);
            _left--;
            return new SamplingResult(SamplingDecision.RecordAndSample);
        }
    }
}
