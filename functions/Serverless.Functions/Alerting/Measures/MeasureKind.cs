namespace Serverless.Functions.Alerting.Measures;

/// <summary>How the figures of a measure are put together.</summary>
public enum MeasureKind
{
    /// <summary>They are added up; twice the time is twice the figure.</summary>
    Sum,

    /// <summary>The newest in the time; the largest of those that the labels leave together.</summary>
    Last,

    /// <summary>A quotient of sums.</summary>
    Ratio,

    /// <summary>A quantile of a distribution.</summary>
    Quantile,
}
