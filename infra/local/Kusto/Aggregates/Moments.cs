namespace Serverless.Local.Kusto;

/// <summary>Count, mean and squared deviations as they come (Welford's method).</summary>
internal sealed class Moments
{
    private double _mean;
    private double _squares;

    public long Count { get; private set; }

    public void Add(double value)
    {
        Count++;
        var delta = value - _mean;
        _mean += delta / Count;
        _squares += delta * (value - _mean);
    }

    /// <summary>The variance of a sample, or of all; 0 of nothing.</summary>
    public double Variance(bool ofAll)
    {
        var divisor = ofAll ? Count : Count - 1;
        return divisor <= 0 ? 0 : _squares / divisor;
    }
}
