using Azure.Data.Tables;

namespace Serverless.Tests.Local.Tables;

public sealed class FilterTests : TablesTest
{
    [Theory]
    [InlineData("Text eq 'it''s'", true)]
    [InlineData("Text ne 'other'", true)]
    [InlineData("Text gt 'is' and Text lt 'iu'", true)]
    [InlineData("Text eq 'It''s'", false)]
    [InlineData("Small eq 5", true)]
    [InlineData("Small eq 5L", true)]
    [InlineData("Small lt 5.5", true)]
    [InlineData("Small ge -1 and Small le 5", true)]
    [InlineData("Small gt 5", false)]
    [InlineData("Large eq 5000000000L", true)]
    [InlineData("Large eq 5000000000", true)]
    [InlineData("Large gt 5", true)]
    [InlineData("Real eq 1.5", true)]
    [InlineData("Real gt 1", true)]
    [InlineData("Real lt 1e3", true)]
    [InlineData("Flag eq true", true)]
    [InlineData("Flag ne false", true)]
    [InlineData("Flag eq false", false)]
    [InlineData("Time eq datetime'2026-01-01T00:00:00Z'", true)]
    [InlineData("Time lt datetime'2026-01-01T00:00:00.0000001Z'", true)]
    [InlineData("Id eq guid'0f8fad5b-d9cb-469f-a165-70867728950e'", true)]
    [InlineData("Id ne guid'0f8fad5b-d9cb-469f-a165-70867728950e'", false)]
    [InlineData("Bytes eq X'0aff'", true)]
    [InlineData("Bytes eq binary'0AFF'", true)]
    [InlineData("Bytes gt X'0a'", true)]
    [InlineData("Timestamp ge datetime'2026-03-01T12:00:00Z' and Timestamp lt datetime'2026-03-01T12:00:01Z'", true)]
    [InlineData("not (Small eq 6)", true)]
    [InlineData("not Small eq 6 and Flag eq true", true)]
    [InlineData("Small eq 6 or Large eq 6 or Flag eq true", true)]
    [InlineData("Small eq 5 or Small eq 6 and Small eq 7", true)]
    [InlineData("(Small eq 5 or Small eq 6) and Small eq 7", false)]
    public async Task Comparisons_mean_what_they_say(string filter, bool matches)
    {
        await AddRowAsync();
        Assert.Equal(matches ? "a/b" : "", await KeysAsync(filter));
    }

    [Theory]
    [InlineData("Missing eq 1")]
    [InlineData("Missing ne 1")]
    [InlineData("Missing lt 'x'")]
    [InlineData("small eq 5")]
    public async Task A_missing_property_never_matches(string filter)
    {
        await AddRowAsync();
        Assert.Equal("", await KeysAsync(filter));
    }

    [Theory]
    [InlineData("Large eq '5000000000'")]
    [InlineData("Large ne '5000000000'")]
    [InlineData("Text eq 5")]
    [InlineData("Text ne 5")]
    [InlineData("Flag eq 1")]
    [InlineData("Time eq '2026-01-01'")]
    [InlineData("Id ne '0f8fad5b-d9cb-469f-a165-70867728950e'")]
    [InlineData("Bytes eq '0aff'")]
    [InlineData("PartitionKey ne 1")]
    public async Task A_constant_of_another_type_never_matches(string filter)
    {
        await AddRowAsync();
        Assert.Equal("", await KeysAsync(filter));
    }

    [Theory]
    [InlineData("startswith(Text,'i')", "The function 'startswith' at 0 is not supported")]
    [InlineData("contains(Text,'i') eq true", "The function 'contains' at 0 is not supported")]
    [InlineData("Small in (1,2)", "'in' at 6 is none of eq, ne, gt, ge, lt and le")]
    [InlineData("Small add 1 eq 6", "'add' at 6 is none of eq")]
    [InlineData("Small eq Large", "'Large' at 9 is not a constant")]
    [InlineData("5 eq Small", "'5' at 0 is not a property's name")]
    [InlineData("Small", "'the end' at 5 is not eq, ne")]
    [InlineData("Small eq", "'the end' at 8 is not a constant")]
    [InlineData("Small eq 5 and", "'the end' at 14 is not a property's name")]
    [InlineData("Small eq 5 Large eq 6", "'Large' at 11 is not expected there")]
    [InlineData("(Small eq 5", "'the end' at 11 is not ')'")]
    [InlineData("Small eq 5)", "')' at 10 is not expected there")]
    [InlineData("Text eq 'open", "The text that starts at 8 has no closing quote")]
    [InlineData("Small eq 5x", "'5x' at 9 is no number")]
    [InlineData("Time eq datetime'then'", "'then' at 8 is no datetime")]
    [InlineData("Id eq guid'1'", "'1' at 6 is no guid")]
    [InlineData("Bytes eq X'0'", "'0' at 9 is no X")]
    [InlineData("Time eq time'1'", "time'…' at 8 is no constant")]
    [InlineData("Small = 5", "'=' at 6 is not part of a filter")]
    [InlineData("Small eq null", "'null' at 9 is not a constant")]
    public async Task What_is_not_in_the_grammar_is_refused_with_400_and_its_place(string filter, string what)
    {
        var failure = await RefusedAsync(() => KeysAsync(filter), 400, "InvalidInput");
        Assert.Contains(what, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_has_at_most_15_comparisons()
    {
        string Of(int count) => string.Join(" or ", Enumerable.Repeat("Small eq 5", count));
        await AddRowAsync();

        Assert.Equal("a/b", await KeysAsync(Of(15)));
        await RefusedAsync(() => KeysAsync(Of(16)), 400, "InvalidInput");
    }

    [Fact]
    public async Task A_filter_nested_too_deep_is_refused_with_400()
    {
        var failure = await RefusedAsync(() => KeysAsync(new string('(', 100_000)), 400, "InvalidInput");
        Assert.Contains("nested more than 100 deep", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interpolated_filters_quote_and_mark_their_values()
    {
        var time = new DateTimeOffset(2026, 1, 1, 1, 0, 0, TimeSpan.FromHours(1));
        var id = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e");
        FormattableString filter = $"Text eq {"it's"} and Small eq {5} and Large eq {5000000000L} and Real ge {1.0} and Flag eq {true} and Time eq {time} and Id eq {id} and Bytes eq {new byte[] { 10, 255 }}";

        var text = TableClient.CreateQueryFilter(filter);

        Assert.Equal(
            "Text eq 'it''s' and Small eq 5 and Large eq 5000000000L and Real ge 1.0 and Flag eq true and Time eq datetime'2026-01-01T00:00:00.0000000Z' and Id eq guid'0f8fad5b-d9cb-469f-a165-70867728950e' and Bytes eq X'0aff'",
            text);
        await AddRowAsync();
        Assert.Equal("a/b", await KeysAsync(text));
    }

    private Task AddRowAsync() => AddAsync(
        "a",
        "b",
        ("Text", "it's"),
        ("Small", 5),
        ("Large", 5_000_000_000),
        ("Real", 1.5),
        ("Flag", true),
        ("Time", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)),
        ("Id", Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e")),
        ("Bytes", new byte[] { 10, 255 }));
}
