namespace Serverless.Functions.Accounting.Cost;

/// <summary>Something that was used, and what it costs.</summary>
/// <param name="Name">What it is: a closed list, docs/cost.md.</param>
/// <param name="Units">How much of it.</param>
/// <param name="Price">What it costs.</param>
/// <param name="IsByBytes">Whether services have their share of it by the bytes of their spans, or by their number.</param>
public sealed record CostItem(string Name, double Units, Price Price, bool IsByBytes)
{
    /// <summary>What was used costs.</summary>
    public double Cost => Price.Of(Units);
}
