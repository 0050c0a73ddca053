using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

public sealed class StableHashTests
{
    /// <summary>The values that wyhash's test_vector.cpp prints; blocks that are stored depend on them.</summary>
    [Theory]
    [InlineData(0, "", 0x93228A4DE0EEC5A2)]
    [InlineData(1, "a", 0xC5BAC3DB178713C4)]
    [InlineData(2, "abc", 0xA97F2F7B1D9B3314)]
    [InlineData(3, "message digest", 0x786D1F1DF3801DF4)]
    [InlineData(4, "abcdefghijklmnopqrstuvwxyz", 0xDCA5A8138AD37C87)]
    [InlineData(5, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 0xB9E734F117CFAF70)]
    [InlineData(6, "12345678901234567890123456789012345678901234567890123456789012345678901234567890", 0x6CC5EAB49A92D617)]
    public void It_is_the_published_wyhash(int seed, string text, ulong hash) =>
        Assert.Equal(hash, StableHash.Of(System.Text.Encoding.ASCII.GetBytes(text), StableHash.Seeded((ulong)seed)));

    [Fact]
    public void Without_a_seed_it_is_that_of_seed_0() => Assert.Equal(StableHash.Of(""u8, StableHash.Seeded(0)), StableHash.Of(""u8));

    [Fact]
    public void A_long_text_hashes_as_its_bytes() =>
        Assert.Equal(StableHash.Of(System.Text.Encoding.UTF8.GetBytes(new string('ß', 5000))), StableHash.Of(new string('ß', 5000)));

    /// <summary>What is stored must mean the same tomorrow.</summary>
    [Fact]
    public void Terms_do_not_change()
    {
        ulong[] terms =
        [
            SearchTerms.Pair(SearchTerms.TextHash("http.method"), SearchTerms.TextHash("GET")),
            SearchTerms.Pair(SearchTerms.TextHash("http.status_code"), SearchTerms.TextHash("200")),
            SearchTerms.Exists(SearchTerms.TextHash("http.method")),
            SearchTerms.Remote(SearchTerms.TextHash("mysql")),
        ];

        Assert.Equal("67a280719094c540 e80d22d231352f93 111accfed69daf3d 4c24d3f6add11a0f", string.Join(' ', terms.Select(term => term.ToString("x16"))));
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("-1", true)]
    [InlineData("9223372036854775807", true)]
    [InlineData("-9223372036854775808", true)]
    [InlineData("9223372036854775808", false)]
    [InlineData("-", false)]
    [InlineData("-0", false)]
    [InlineData("007", false)]
    [InlineData("+1", false)]
    [InlineData("1.0", false)]
    [InlineData("1 ", false)]
    [InlineData("1e3", false)]
    [InlineData("٣", false)]
    public void Only_the_digits_of_an_integer_hash_as_that_integer(string text, bool isInteger)
    {
        Assert.Equal(isInteger, SearchTerms.TextHash(text) != StableHash.Of(text));
        Assert.Equal(SearchTerms.TextHash(text), SearchTerms.TextHash(System.Text.Encoding.UTF8.GetBytes(text)));
    }
}
