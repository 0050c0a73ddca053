namespace Serverless.Tests.Local.Kusto;

/// <summary>What people are told of a query that is refused.</summary>
public sealed class KustoErrorTests
{
    [Theory]
    [InlineData("", "Syntax error: SYN0002: Expected a query, found end of query [line:position=1:1]")]
    [InlineData("print 1 +", "Syntax error: SYN0002: Expected an expression, found end of query [line:position=1:10]")]
    [InlineData("print (1", "Syntax error: SYN0002: Expected ')', found end of query [line:position=1:9]")]
    [InlineData("print 1\n| wher x", "Syntax error: SYN0002: Expected a query operator, found 'wher' [line:position=2:3]")]
    [InlineData("print 1 |", "Syntax error: SYN0002: Expected a query operator, found end of query [line:position=1:10]")]
    [InlineData("print 'abc", "Syntax error: SYN0002: A string literal is not ended: a ' is missing [line:position=1:7]")]
    [InlineData("print 'a\\q'", "Syntax error: SYN0002: \\q is no escape sequence; write \\\\ for a backslash, or @\"…\" [line:position=1:9]")]
    [InlineData("print 5weeks", "Syntax error: SYN0002: '5weeks' is neither a number nor a timespan [line:position=1:7]")]
    [InlineData("print datetime(soon)", "Syntax error: SYN0002: 'soon' is no datetime [line:position=1:7]")]
    [InlineData("print a ? b", "Syntax error: SYN0002: A character that no query has: '?' [line:position=1:9]")]
    [InlineData("datatable(a:text)[1]", "Syntax error: SYN0002: Expected a type (bool, int, long, real, decimal, string, datetime, timespan, guid or dynamic), found 'text' [line:position=1:13]")]
    [InlineData("print 1 print 2", "Syntax error: SYN0002: Expected ';', '|' or the end of the query, found 'print' [line:position=1:9]")]
    [InlineData("range x from 1 to 2 step 1 | join kind=inner T", "Syntax error: SYN0002: Expected 'on', found end of query [line:position=1:47]")]
    [InlineData("Nowhere | count", "Semantic error: SEM0101: Failed to resolve table expression named 'Nowhere' [line:position=1:1]")]
    [InlineData("print a = 1 | where b > 1", "Semantic error: SEM0100: Failed to resolve column or scalar expression named 'b' [line:position=1:21]")]
    [InlineData("print a = 1 | project A", "Semantic error: SEM0100: Failed to resolve column or scalar expression named 'A' [line:position=1:23]")]
    [InlineData("print todattime('x')", "Semantic error: SEM0260: Unknown function: 'todattime' [line:position=1:7]")]
    [InlineData("print x = 1 | evaluate python('')", "Semantic error: SEM0260: Unknown plugin: 'python'; there are bag_unpack, pivot, rows_near and rolling_percentile [line:position=1:24]")]
    [InlineData("print strlen(1)", "Semantic error: SEM0127: strlen(): argument #1 is expected to be of type string, not long [line:position=1:7]")]
    [InlineData("print strlen()", "Semantic error: SEM0219: The function 'strlen' takes more than 0 argument(s) [line:position=1:7]")]
    [InlineData("print strlen('a', 'b')", "Semantic error: SEM0219: The function 'strlen' takes fewer than 2 arguments [line:position=1:7]")]
    [InlineData("print 1 == 'a'", "Semantic error: SEM0064: Cannot compare values of types long and string. Try adding explicit casts [line:position=1:9]")]
    [InlineData("print 'a' + 1", "Semantic error: SEM0106: The operator '+' is not defined for the operand types string and long [line:position=1:11]")]
    [InlineData("print a = 1 | where a has '1'", "Semantic error: SEM0106: The operator 'has' is not defined for the operand types long and string [line:position=1:23]")]
    [InlineData("print a = 'x' | where a", "Semantic error: SEM0107: A value of type bool is expected, not of type string [line:position=1:23]")]
    [InlineData("print a = dynamic(1) | summarize count() by a", "Semantic error: SEM0116: A dynamic value cannot be grouped by: cast it first (tostring, tolong, …) [line:position=1:45]")]
    [InlineData("print a = dynamic(1) | sort by a", "Semantic error: SEM0116: A dynamic value cannot be sorted by: cast it first (tostring, tolong, …) [line:position=1:32]")]
    [InlineData("print a = 1 | project x = a, x = 2", "Semantic error: SEM0171: A column named 'x' is there already [line:position=1:34]")]
    [InlineData("print a = 1 | extend b = count()", "Semantic error: SEM0090: The aggregate 'count' can be used in summarize only [line:position=1:26]")]
    [InlineData("print a = 'x' | summarize avg(a)", "Semantic error: SEM0127: The aggregate 'avg' is not compatible with arguments (string) [line:position=1:27]")]
    [InlineData("print a = 1 | summarize s = sum(a) by a | extend p = prev(s)", "Semantic error: SEM0120: Window functions (prev, next, row_number and the like) need rows in order: put 'sort by' or 'serialize' before [line:position=1:43]")]
    [InlineData("print a = 1 | join kind=sideways (print a = 1) on a", "Semantic error: SEM0058: 'sideways' is no kind of join; kinds are innerunique, inner, leftouter, rightouter, fullouter, leftsemi, leftanti, rightsemi and rightanti [line:position=1:15]")]
    [InlineData("print a = 1 | join (print a = 'x') on a", "Semantic error: SEM0064: Cannot join values of types long and string. Try adding explicit casts [line:position=1:39]")]
    [InlineData("print a = 1 | take 'x'", "Semantic error: SEM0007: A number of rows is expected: an integer from 0 [line:position=1:20]")]
    [InlineData("datatable(a:long, b:long)[1, 2, 3]", "Semantic error: SEM0101: The datatable has 3 values, which does not fill rows of 2 columns [line:position=1:1]")]
    [InlineData("let f = (x:long) { x }; print f('a')", "Semantic error: SEM0230: The parameter 'x' is of type long, its argument of type string [line:position=1:33]")]
    [InlineData("let f = (x:long) { x }; print f()", "Semantic error: SEM0219: The function 'f' needs an argument for its parameter 'x' [line:position=1:31]")]
    [InlineData("declare query_parameters(n:long); print n", "Semantic error: SEM0036: The query's parameter 'n' has neither a value nor a default [line:position=1:26]")]
    [InlineData("let x = 1;", "Semantic error: SEM0001: The query has no tabular expression that gives its result [line:position=1:1]")]
    [InlineData("print 'a' matches regex '(?=b)'", null)]
    [InlineData("print 'a' matches regex '('", null)]
    public async Task A_refused_query_says_what_is_wrong_and_where(string query, string? expected)
    {
        var message = await Kql.ErrorAsync(query);
        if (expected is null)
            Assert.StartsWith("The regular expression '(", message);
        else
            Assert.Equal(expected, message);
    }
}
