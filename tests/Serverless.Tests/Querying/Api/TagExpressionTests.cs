using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Api;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Querying.Api;

public sealed class TagExpressionTests
{
    [Theory]
    [InlineData("db", "db", TagOperator.Exists, AttributeType.Empty, "")]
    [InlineData("!db", "db", TagOperator.NotExists, AttributeType.Empty, "")]
    [InlineData("code=500", "code", TagOperator.Equal, AttributeType.Int64, "500")]
    [InlineData("code!=500", "code", TagOperator.NotEqual, AttributeType.Int64, "500")]
    [InlineData("code>=4.5e2", "code", TagOperator.GreaterOrEqual, AttributeType.Double, "450")]
    [InlineData("code<-1", "code", TagOperator.Less, AttributeType.Int64, "-1")]
    [InlineData("code<=1", "code", TagOperator.LessOrEqual, AttributeType.Int64, "1")]
    [InlineData("code>1", "code", TagOperator.Greater, AttributeType.Int64, "1")]
    [InlineData("code=\"500\"", "code", TagOperator.Equal, AttributeType.String, "500")]
    [InlineData("code=0500", "code", TagOperator.Equal, AttributeType.String, "0500")]
    [InlineData("cached=true", "cached", TagOperator.Equal, AttributeType.True, "true")]
    [InlineData("sql=a=b", "sql", TagOperator.Equal, AttributeType.String, "a=b")]
    [InlineData("sql=", "sql", TagOperator.Equal, AttributeType.String, "")]
    [InlineData("\"a=b\"=1", "a=b", TagOperator.Equal, AttributeType.Int64, "1")]
    [InlineData("!\"!a\"", "!a", TagOperator.NotExists, AttributeType.Empty, "")]
    [InlineData("a!b=c", "a!b", TagOperator.Equal, AttributeType.String, "c")]
    public void A_tag_is_a_key_a_comparison_and_a_value_with_the_type_that_it_is_written_with(
        string text, string key, TagOperator comparison, AttributeType type, string operand)
    {
        var condition = TagExpression.Parse(text);
        Assert.Equal((key, comparison, type, operand), (condition.Key, condition.Comparison!.Operator, condition.Comparison.Operand.Type, condition.Comparison.Operand.ToString()));
    }

    [Theory]
    [InlineData("", 0, "tag '' cannot be understood: a tag needs a key, such as http.status_code>=500.")]
    [InlineData("=5", 0, "tag '=5' cannot be understood: a tag needs a key, such as http.status_code>=500.")]
    [InlineData("!a=5", 0, "tag '!a=5' cannot be understood: an exclamation mark in front asks that there be no such tag, and takes no value; for another value write key!=value.")]
    [InlineData("é<true", 3, "tag 'é<true' cannot be understood: true and false have no order; write = or !=, or quote the value to compare texts.")]
    [InlineData("a=\"b", 2, "tag 'a=\"b' cannot be understood: the quote is not closed.")]
    [InlineData("a=\"b\"c", 5, "tag 'a=\"b\"c' cannot be understood: nothing may follow the closing quote.")]
    [InlineData("\"a\"b", 3, "tag '\"a\"b' cannot be understood: behind the key one of = != < <= > >= is expected.")]
    [InlineData("a=\"\\q\"", 2, "tag 'a=\"\\q\"' cannot be understood: what stands in quotes is no JSON string.")]
    public void What_is_wrong_is_said_with_its_place_in_bytes(string text, int offset, string message)
    {
        var e = Assert.Throws<InvalidQueryException>(() => TagExpression.Parse(text));
        Assert.Equal((message, "tag", offset), (e.Message, e.Parameter, e.Offset));
    }
}
