namespace Serverless.Tests.Querying.Api;

/// <summary>What is said of finalized traces that are too large to be held, which is the same.</summary>
public sealed class FinalizedLargeTraceApiTests(FinalizedTraceApiTests.LargeShop shop) : IClassFixture<FinalizedTraceApiTests.LargeShop>
{
    [Theory]
    [InlineData(FinalizedTraceApiTests.Received)]
    [InlineData(FinalizedTraceApiTests.Opened)]
    public Task A_service_that_does_not_forward_the_headers_is_named_with_both_traces_side_by_side(string id) => FinalizedTraceApiTests.AssertBroken(shop.App, id);

    [Fact]
    public Task A_span_that_came_after_its_trace_was_finalized_makes_it_late() => FinalizedTraceApiTests.AssertLate(shop.App);
}
