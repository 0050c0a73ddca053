using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Jaeger;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Querying;

public sealed class JaegerTraceIdTests
{
    [Theory]
    [InlineData("1", 0UL, 1UL)]
    [InlineData("5af7183fb1d4cf5f", 0UL, 0x5AF7183FB1D4CF5FUL)]
    [InlineData("5AF7183FB1D4CF5F", 0UL, 0x5AF7183FB1D4CF5FUL)]
    [InlineData("15af7183fb1d4cf5f", 1UL, 0x5AF7183FB1D4CF5FUL)]
    [InlineData("463ac35c9f6413ad48485a3953bb6124", 0x463AC35C9F6413ADUL, 0x48485A3953BB6124UL)]
    [InlineData("00000000000000005af7183fb1d4cf5f", 0UL, 0x5AF7183FB1D4CF5FUL)]
    [InlineData("0", 0UL, 0UL)]
    // 16 bytes and 8 bytes in base64: standard and URL alphabet, padded and not.
    [InlineData("AAAAAAAAAAIAAAAAAAAAAQ==", 2UL, 1UL)]
    [InlineData("AAAAAAAAAAIAAAAAAAAAAQ", 2UL, 1UL)]
    [InlineData("////////////////////8A==", ulong.MaxValue, 0xFFFFFFFFFFFFFFF0UL)]
    [InlineData("____________________8A", ulong.MaxValue, 0xFFFFFFFFFFFFFFF0UL)]
    [InlineData("AAAAAAAAAAE=", 0UL, 1UL)]
    [InlineData("AAAAAAAAAAI", 0UL, 2UL)]
    // Valid hex is hex, though it would be base64 as well.
    [InlineData("AAAAAAAAAAE", 0UL, 0xAAAAAAAAAAEUL)]
    public void An_id_in_a_path_is_hex_or_base64(string text, ulong high, ulong low) =>
        Assert.Equal(new TraceId(high, low), JaegerTraceId.Parse(text));

    [Theory]
    [InlineData("xyz", "strconv.ParseUint: parsing \"xyz\": invalid syntax")]
    [InlineData("zz3ac35c9f6413ad48485a3953bb6124", "strconv.ParseUint: parsing \"zz3ac35c9f6413ad\": invalid syntax")]
    [InlineData("463ac35c9f6413ad48485a3953bb612-", "strconv.ParseUint: parsing \"48485a3953bb612-\": invalid syntax")]
    [InlineData("463ac35c9f6413ad48485a3953bb61245", "TraceID cannot be longer than 32 hex characters: 463ac35c9f6413ad48485a3953bb61245")]
    [InlineData("GAAAAAAAAAEAAAAAAAAAAAAAAQ==", "strconv.ParseUint: parsing \"GAAAAAAAAAEA\": invalid syntax")]
    [InlineData("", "strconv.ParseUint: parsing \"\": invalid syntax")]
    public void What_is_no_id_is_refused_in_Jaegers_words(string text, string error) =>
        Assert.Equal(error, Assert.Throws<InvalidQueryException>(() => JaegerTraceId.Parse(text)).Message);

    [Fact]
    public void An_id_in_a_parameter_is_hex_only()
    {
        Assert.Equal(new TraceId(1, 2), JaegerTraceId.ParseHex("10000000000000002"));
        var error = Assert.Throws<InvalidQueryException>(() => JaegerTraceId.ParseHex("AAAAAAAAAAE="));
        Assert.Equal("strconv.ParseUint: parsing \"AAAAAAAAAAE=\": invalid syntax", error.Message);
    }
}
