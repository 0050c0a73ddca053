namespace Serverless.Functions.Alerting.Measures;

/// <summary>What is asked of a measure.</summary>
/// <param name="Measure">Its name in <see cref="MeasureCatalog"/>.</param>
/// <param name="From">The first minute.</param>
/// <param name="To">The minute behind the last; both are whole minutes in UTC.</param>
public sealed record MeasureQuery(string Measure, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>What the labels have to be; all of them.</summary>
    public IReadOnlyList<MeasureFilter> Where { get; init; } = [];

    /// <summary>The labels by which values are told apart.</summary>
    public IReadOnlyList<string> By { get; init; } = [];

    /// <summary>Which quantile, 0 to 1, of a measure that is a distribution.</summary>
    public double Quantile { get; init; }
}
