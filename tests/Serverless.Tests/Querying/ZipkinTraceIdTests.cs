using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Zipkin;
using Serverless.Tracing.Model;

namespace Serverless.Tests.Querying;

public sealed class ZipkinTraceIdTests
{
    [Theory]
    [InlineData("1", "0000000000000001", 0UL, 1UL)]
    [InlineData("48485a3953bb6124", "48485a3953bb6124", 0UL, 0x48485A3953BB6124UL)]
    [InlineData("d48485a3953bb6124", "000000000000000d48485a3953bb6124", 0xDUL, 0x48485A3953BB6124UL)]
    [InlineData("048485a3953bb6124", "000000000000000048485a3953bb6124", 0UL, 0x48485A3953BB6124UL)]
    [InlineData("000000000000000048485a3953bb6124", "48485a3953bb6124", 0UL, 0x48485A3953BB6124UL)]
    [InlineData("463ac35c9f6413ad48485a3953bb6124", "463ac35c9f6413ad48485a3953bb6124", 0x463AC35C9F6413ADUL, 0x48485A3953BB6124UL)]
    public void An_id_is_padded_or_cut_to_16_or_32_digits(string text, string normalized, ulong high, ulong low)
    {
        Assert.Equal(new TraceId(high, low), ZipkinTraceId.Parse(text, out var printed));
        Assert.Equal(normalized, printed);
    }

    [Theory]
    [InlineData("", "traceId is empty")]
    [InlineData("463ac35c9f6413ad48485a3953bb61245", "traceId.length > 32")]
    [InlineData("48485A3953bb6124", "48485A3953bb6124 should be lower-hex encoded with no prefix")]
    [InlineData("0x48485a3953bb61", "0x48485a3953bb61 should be lower-hex encoded with no prefix")]
    [InlineData("463ac35c-9f64", "463ac35c-9f64 should be lower-hex encoded with no prefix")]
    [InlineData(" 48485a3953bb6124", " 48485a3953bb6124 should be lower-hex encoded with no prefix")]
    [InlineData("0", "traceId is all zeros")]
    [InlineData("00000000000000000000000000000000", "traceId is all zeros")]
    public void What_is_no_id_is_refused_in_Zipkins_words(string text, string error) =>
        Assert.Equal(error, Assert.Throws<InvalidQueryException>(() => ZipkinTraceId.Parse(text, out _)).Message);
}
