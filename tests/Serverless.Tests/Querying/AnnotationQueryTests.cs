using Serverless.Functions.Querying.Zipkin;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Querying;

public sealed class AnnotationQueryTests
{
    [Fact]
    public void Nothing_asks_for_nothing() => Assert.Empty(AnnotationQuery.Parse(""));

    [Fact]
    public void A_bare_key_asks_for_a_tag_or_an_annotation() => AssertParsed("error", TagCondition.Exists("error"));

    [Fact]
    public void A_key_with_a_value_asks_for_a_tag() => AssertParsed("http.method=GET", TagCondition.Equal("http.method", "GET"));

    [Fact]
    public void The_first_equals_sign_divides() => AssertParsed("sql=a=b and c", TagCondition.Equal("sql", "a=b"), TagCondition.Exists("c"));

    [Fact]
    public void Keys_and_values_are_trimmed() => AssertParsed("  a  =  b c  and  d ", TagCondition.Equal("a", "b c"), TagCondition.Exists("d"));

    [Fact]
    public void An_empty_value_is_a_bare_key() => AssertParsed("a= and b", TagCondition.Exists("a"), TagCondition.Exists("b"));

    [Theory]
    [InlineData("a AND b", "a AND b")]
    [InlineData("sand and", "sand and")]
    [InlineData("andand", "andand")]
    public void Only_and_in_lower_case_between_spaces_divides(string text, string key) => AssertParsed(text, TagCondition.Exists(key));

    [Theory]
    [InlineData("a=1 and a")]
    [InlineData("a and a=1")]
    [InlineData("a=2 and a=1")]
    [InlineData("a=2 and a and a=1")]
    public void Of_one_key_a_tag_beats_a_bare_key_and_the_last_tag_wins(string text) => AssertParsed(text, TagCondition.Equal("a", "1"));

    [Theory]
    [InlineData("a and ")]
    [InlineData(" and a")]
    [InlineData("a and =x")]
    public void A_piece_without_a_key_asks_for_nothing(string text) => AssertParsed(text, TagCondition.Exists("a"));

    [Fact]
    public void Keys_and_values_keep_their_case() => AssertParsed("Http.Method=Get", TagCondition.Equal("Http.Method", "Get"));

    [Fact]
    public void The_hundredth_piece_keeps_the_rest()
    {
        var conditions = AnnotationQuery.Parse(string.Join(" and ", Enumerable.Range(1, 101).Select(i => $"k{i}")));
        Assert.Equal(100, conditions.Count);
        Assert.Equal(TagCondition.Exists("k100 and k101"), conditions[^1]);
    }

    private static void AssertParsed(string text, params TagCondition[] conditions) => Assert.Equal(conditions, AnnotationQuery.Parse(text));
}
