using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

/// <summary>What docs/search.md says of typed comparisons.</summary>
public sealed class TagComparisonTests
{
    private static readonly AttributeValue Number = AttributeValue.Of(500L);

    [Theory]
    [InlineData(TagOperator.Equal, true)]
    [InlineData(TagOperator.GreaterOrEqual, true)]
    [InlineData(TagOperator.LessOrEqual, true)]
    [InlineData(TagOperator.Less, false)]
    [InlineData(TagOperator.Greater, false)]
    public void Integers_and_floating_point_numbers_and_numbers_sent_as_text_compare_by_what_they_are_worth(TagOperator comparison, bool holds)
    {
        foreach (var value in new[] { AttributeValue.Of(500L), AttributeValue.Of(500.0), AttributeValue.Of("500") })
            Assert.Equal(holds, One("code", value, comparison, Number));
        Assert.True(One("code", AttributeValue.Of("1000"), TagOperator.Greater, Number));
        Assert.True(One("code", AttributeValue.Of(499.5), TagOperator.Less, Number));
    }

    [Fact]
    public void A_text_that_is_not_written_as_numbers_are_printed_is_no_number()
    {
        foreach (var text in new[] { "0500", "+500", "500.0", " 500", "5e2", "" })
        {
            Assert.False(One("code", AttributeValue.Of(text), TagOperator.Equal, Number), text);
            Assert.False(One("code", AttributeValue.Of(text), TagOperator.GreaterOrEqual, AttributeValue.Of(0L)), text);
        }
    }

    [Fact]
    public void Large_integers_are_not_rounded_to_compare_with_floating_point_numbers()
    {
        var odd = AttributeValue.Of(9_007_199_254_740_993L);
        Assert.False(One("n", odd, TagOperator.Equal, AttributeValue.Of(9_007_199_254_740_992.0)));
        Assert.True(One("n", odd, TagOperator.Greater, AttributeValue.Of(9_007_199_254_740_992.0)));
        Assert.True(One("n", AttributeValue.Of(long.MaxValue), TagOperator.Less, AttributeValue.Of(9_223_372_036_854_775_808.0)));
        Assert.True(One("n", AttributeValue.Of(1e300), TagOperator.Greater, odd));
        Assert.False(One("n", AttributeValue.Of(double.NaN), TagOperator.NotEqual, odd) && One("n", AttributeValue.Of(double.NaN), TagOperator.Equal, odd));
    }

    [Fact]
    public void Booleans_compare_with_booleans_and_with_true_and_false_as_text()
    {
        var yes = AttributeValue.Of(true);
        Assert.True(One("cached", AttributeValue.Of(true), TagOperator.Equal, yes));
        Assert.True(One("cached", AttributeValue.Of("true"), TagOperator.Equal, yes));
        Assert.False(One("cached", AttributeValue.Of("True"), TagOperator.Equal, yes));
        Assert.False(One("cached", AttributeValue.Of(1L), TagOperator.Equal, yes));
        Assert.True(One("cached", AttributeValue.Of(false), TagOperator.NotEqual, yes));
    }

    [Fact]
    public void A_text_compares_with_texts_alone()
    {
        Assert.True(One("code", AttributeValue.Of("500"), TagOperator.Equal, AttributeValue.Of("500")));
        Assert.False(One("code", Number, TagOperator.Equal, AttributeValue.Of("500")));
        Assert.True(One("zone", AttributeValue.Of("b"), TagOperator.Greater, AttributeValue.Of("a")));
        Assert.False(One("zone", AttributeValue.Of("B"), TagOperator.Greater, AttributeValue.Of("a")));
    }

    [Fact]
    public void Not_equal_wants_the_key_to_be_there_on_the_span_with_no_value_that_is_equal()
    {
        Assert.False(Matches(QuerySemantics.SameSpan, TagOperator.NotEqual, Span(1)));
        Assert.True(Matches(QuerySemantics.SameSpan, TagOperator.NotEqual, Span(1, "b")));
        Assert.False(Matches(QuerySemantics.SameSpan, TagOperator.NotEqual, Span(1, "a", "b")));
        Assert.True(Matches(QuerySemantics.SameSpan, TagOperator.NotEqual, Span(1, "a"), Span(2, "b")));
    }

    [Fact]
    public void Across_the_trace_not_equal_wants_the_key_on_some_span_and_no_span_with_a_value_that_is_equal()
    {
        Assert.False(Matches(QuerySemantics.WholeTrace, TagOperator.NotEqual, Span(1)));
        Assert.True(Matches(QuerySemantics.WholeTrace, TagOperator.NotEqual, Span(1), Span(2, "b")));
        Assert.False(Matches(QuerySemantics.WholeTrace, TagOperator.NotEqual, Span(1, "a"), Span(2, "b")));
    }

    [Fact]
    public void Not_exists_is_said_of_one_span_or_of_all_spans_of_the_trace()
    {
        Assert.True(Matches(QuerySemantics.SameSpan, TagOperator.NotExists, Span(1, "a"), Span(2)));
        Assert.False(Matches(QuerySemantics.WholeTrace, TagOperator.NotExists, Span(1, "a"), Span(2)));
        Assert.True(Matches(QuerySemantics.WholeTrace, TagOperator.NotExists, Span(1), Span(2)));
    }

    [Fact]
    public void Across_the_trace_each_condition_may_be_satisfied_by_another_span_of_another_service()
    {
        var trace = new[] { Span(1, "a"), Span(2, "b", service: "other") };
        var query = new TraceQuery
        {
            ServiceName = "shop",
            Conditions =
            [
                TagCondition.Compare("k", TagOperator.Equal, AttributeValue.Of("a")),
                TagCondition.Compare("k", TagOperator.Equal, AttributeValue.Of("b")),
            ],
        };
        Assert.True(TraceMatcher.Matches(trace, query with { Semantics = QuerySemantics.WholeTrace }));
        Assert.False(TraceMatcher.Matches(trace, query with { Semantics = QuerySemantics.SameSpan }));
        Assert.False(TraceMatcher.Matches(trace, query with { Semantics = QuerySemantics.AnySpanOfService }));
    }

    [Fact]
    public void What_is_wanted_across_the_trace_counts_on_spans_that_start_within_the_time_and_what_is_denied_on_all()
    {
        var trace = new[] { Span(1_000, "a"), Span(2_000, "b") };
        bool Has(TagOperator comparison, string operand) => TraceMatcher.Matches(trace, new TraceQuery
        {
            Semantics = QuerySemantics.WholeTrace,
            StartMinNs = 1_500,
            Conditions = [TagCondition.Compare("k", comparison, AttributeValue.Of(operand))],
        });
        Assert.True(Has(TagOperator.Equal, "b"));
        Assert.False(Has(TagOperator.Equal, "a"));
        Assert.False(Has(TagOperator.NotEqual, "a"));
        Assert.True(Has(TagOperator.NotEqual, "c"));
    }

    [Fact]
    public void The_prefix_resource_asks_the_resource_alone_and_the_key_event_the_names_of_events()
    {
        var span = new Span
        {
            StartNs = 1,
            Resource = new Resource { Attributes = [new("host", AttributeValue.Of("h1"))] },
            Attributes = [new("user", AttributeValue.Of("u1"))],
            Events = [new SpanEvent(1, "retry", [new("try", AttributeValue.Of(2L))], 0)],
        };
        bool Has(string key, TagOperator comparison, AttributeValue operand) =>
            TraceMatcher.Matches([span], new TraceQuery { Conditions = [TagCondition.Compare(key, comparison, operand)] });
        Assert.True(Has("resource.host", TagOperator.Exists, default));
        Assert.True(Has("host", TagOperator.Equal, AttributeValue.Of("h1")));
        Assert.False(Has("resource.user", TagOperator.Exists, default));
        Assert.True(Has("event", TagOperator.Equal, AttributeValue.Of("retry")));
        Assert.True(Has("event", TagOperator.Exists, default));
        Assert.True(Has("try", TagOperator.Greater, AttributeValue.Of(1L)));
    }

    private static bool One(string key, AttributeValue value, TagOperator comparison, AttributeValue operand) => TraceMatcher.Matches(
        [new Span { StartNs = 1, Attributes = [new(key, value)] }],
        new TraceQuery { Conditions = [TagCondition.Compare(key, comparison, operand)] });

    private static bool Matches(QuerySemantics semantics, TagOperator comparison, params Span[] trace) => TraceMatcher.Matches(
        trace, new TraceQuery { Semantics = semantics, Conditions = [TagCondition.Compare("k", comparison, AttributeValue.Of("a"))] });

    private static Span Span(ulong start, string? value = null, string? other = null, string service = "shop") => new()
    {
        Id = new SpanId(start),
        StartNs = start,
        Resource = new Resource { ServiceName = service },
        Attributes = [.. new[] { value, other }.OfType<string>().Select(text => new SpanAttribute("k", AttributeValue.Of(text)))],
    };
}
