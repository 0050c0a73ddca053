using Serverless.Functions.Alerting.Measures;

namespace Serverless.Functions.Alerting.Rules;

/// <summary>A measure as a rule asks for it.</summary>
/// <param name="Source">Its source: <see cref="MeasureCatalog.Ledger"/>, <see cref="MeasureCatalog.Red"/>, or <see cref="Kql"/>.</param>
/// <param name="Measure">Its name; for KQL the query.</param>
public sealed record RuleMeasure(string Source, string Measure)
{
    /// <summary>The source of figures that a query gives.</summary>
    public const string Kql = "kql";

    /// <summary>How figures are put together; those of a query are taken as they are.</summary>
    public MeasureKind Kind { get; init; }

    /// <summary>What the labels have to be.</summary>
    public IReadOnlyList<MeasureFilter> Where { get; init; } = [];

    /// <summary>The labels by which values are told apart.</summary>
    public IReadOnlyList<string> By { get; init; } = [];

    /// <summary>Which quantile of a distribution.</summary>
    public double Quantile { get; init; }

    /// <summary>Whether the labels are only known when the query has run.</summary>
    public bool IsQuery => Source == Kql;

    /// <summary>As people read it.</summary>
    public override string ToString()
    {
        if (IsQuery)
            return Measure;
        var where = string.Join(", ", Where.Select(f => $"{f.Label}{(f.IsExcluded ? "!=" : "=")}{string.Join('|', f.Values)}"));
        var quantile = Kind == MeasureKind.Quantile ? FormattableString.Invariant($" p{Quantile * 100:0.##}") : "";
        var by = By.Count > 0 ? $" by ({string.Join(", ", By)})" : "";
        return $"{Source}.{Measure}{quantile}{(where.Length > 0 ? $"{{{where}}}" : "")}{by}";
    }
}
