using Serverless.Benchmarks.Budgets;

namespace Serverless.Tests.Benchmarks;

public class AllocationBudgetsTests
{
    [Fact]
    public void A_benchmark_over_its_budget_is_named_with_both_figures() => Assert.Equal(
        ["A.B allocates 101 bytes; its budget is 100. Allocate less, or, if it must be so, take it with: budgets --accept"],
        AllocationBudgets.Judge(new Dictionary<string, long> { ["A.B"] = 101 }, new Dictionary<string, long> { ["A.B"] = 100 }));

    [Fact]
    public void A_benchmark_without_a_budget_is_named() => Assert.Equal(
        ["A.B has no budget and allocates 7 bytes. Add one with: budgets --accept"],
        AllocationBudgets.Judge(new Dictionary<string, long> { ["A.B"] = 7 }, new Dictionary<string, long>()));

    [Fact]
    public void Accepted_measures_keep_to_their_budgets_and_nothing_stays_nothing()
    {
        var measured = new Dictionary<string, long> { ["A.B"] = 1001, ["A.None"] = 0 };
        var budgets = AllocationBudgets.Accept(measured);
        Assert.Equal(1102, budgets["A.B"]);
        Assert.Equal(0, budgets["A.None"]);
        Assert.Empty(AllocationBudgets.Judge(measured, budgets));
    }
}
