using Serverless.Tracing.Search;

namespace Serverless.Tests.Search;

public sealed class StableHashTests
{
    /// <summary>Published values of XXH64 with seed 0; blocks that are stored depend on them.</summary>
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("xxhash", 0x32DD38952C4BC720)]
    [InlineData("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1)]
    public void It_is_the_published_XXH64(string text, ulong hash) => Assert.Equal(hash, StableHash.Of(text));

    [Fact]
    public void A_long_text_hashes_as_its_bytes() =>
        Assert.Equal(StableHash.Of(System.Text.Encoding.UTF8.GetBytes(new string('ß', 5000))), StableHash.Of(new string('ß', 5000)));

    /// <summary>What is stored must mean the same tomorrow.</summary>
    [Fact]
    public void Terms_do_not_change() => Assert.Equal(
        (ulong[])[9168235413002021076, 0, 0],
        [
            SearchTerms.Pair(StableHash.Of("http.method"), StableHash.Of("GET")),
            SearchTerms.Exists(StableHash.Of("http.method")),
            SearchTerms.Remote(StableHash.Of("mysql")),
        ]);
}
