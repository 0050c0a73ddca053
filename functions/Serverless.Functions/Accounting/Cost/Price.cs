namespace Serverless.Functions.Accounting.Cost;

/// <summary>What something costs.</summary>
/// <param name="Amount">The price, in the table's currency.</param>
/// <param name="Per">Of how many units that is the price.</param>
/// <param name="Unit">What a unit is.</param>
public sealed record Price(double Amount, double Per, string Unit)
{
    /// <summary>What so many units cost.</summary>
    public double Of(double units) => units * Amount / Per;
}
