using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Zipkin;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Querying;

public sealed class ZipkinParametersTests
{
    private const ulong DayNs = 86_400_000_000_000;

    [Fact]
    public void No_parameter_is_required_all_have_Zipkins_defaults()
    {
        var query = Search("");
        Assert.Equal(QuerySemantics.AnySpanOfService, query.Semantics);
        Assert.Null(query.ServiceName);
        Assert.Null(query.RemoteServiceName);
        Assert.Null(query.SpanName);
        Assert.Null(query.SpanKind);
        Assert.Empty(query.Conditions);
        Assert.Null(query.MinDurationNs);
        Assert.Null(query.MaxDurationNs);
        Assert.Equal(Parameters.NowNs - DayNs, query.StartMinNs);
        Assert.Equal(Parameters.NowNs + 999, query.StartMaxNs);
        Assert.Equal(10, query.Limit);
    }

    [Fact]
    public void Every_parameter_is_read()
    {
        var query = Search(
            "serviceName=Gateway&remoteServiceName=MySQL&spanName=GET%20%2F&annotationQuery=error%20and%20http.method%3DGET"
            + "&minDuration=100&maxDuration=200&endTs=1700000000000&lookback=5000&limit=3");
        Assert.Equal("gateway", query.ServiceName);
        Assert.Equal("mysql", query.RemoteServiceName);
        Assert.Equal("get /", query.SpanName);
        Assert.Equal([TagCondition.Exists("error"), TagCondition.Equal("http.method", "GET")], query.Conditions);
        Assert.Equal(100_000, query.MinDurationNs);
        Assert.Equal(200_999, query.MaxDurationNs);
        Assert.Equal(1_699_999_995_000_000_000UL, query.StartMinNs);
        Assert.Equal(1_700_000_000_000_000_999UL, query.StartMaxNs);
        Assert.Equal(3, query.Limit);
    }

    [Theory]
    [InlineData("serviceName=&remoteServiceName=&spanName=&annotationQuery=")]
    [InlineData("spanName=all")]
    [InlineData("spanName=ALL")]
    public void What_is_empty_or_all_is_not_asked(string text)
    {
        var query = Search(text);
        Assert.Null(query.ServiceName);
        Assert.Null(query.RemoteServiceName);
        Assert.Null(query.SpanName);
        Assert.Empty(query.Conditions);
    }

    [Theory]
    [InlineData("endTs=0", "endTs <= 0")]
    [InlineData("endTs=-1", "endTs <= 0")]
    [InlineData("limit=0", "limit <= 0")]
    [InlineData("limit=-1", "limit <= 0")]
    [InlineData("lookback=0", "lookback <= 0")]
    [InlineData("minDuration=0", "minDuration <= 0")]
    [InlineData("minDuration=-5", "minDuration <= 0")]
    [InlineData("maxDuration=5", "maxDuration is only valid with minDuration")]
    [InlineData("minDuration=6&maxDuration=5", "maxDuration < minDuration")]
    [InlineData("limit=x", "limit is not an integer from -2147483648 to 2147483647: x")]
    [InlineData("limit=2147483648", "limit is not an integer from -2147483648 to 2147483647: 2147483648")]
    [InlineData("endTs=", "endTs is not an integer from -9223372036854775808 to 9223372036854775807: ")]
    [InlineData("lookback=1h", "lookback is not an integer from -9223372036854775808 to 9223372036854775807: 1h")]
    [InlineData("minDuration=1ms", "minDuration is not an integer from -9223372036854775808 to 9223372036854775807: 1ms")]
    [InlineData("minDuration=1&maxDuration=1.5", "maxDuration is not an integer from -9223372036854775808 to 9223372036854775807: 1.5")]
    public void What_is_wrong_is_told_in_Zipkins_words(string query, string error) =>
        Assert.Equal(error, Assert.Throws<InvalidQueryException>(() => Search(query)).Message);

    [Fact]
    public void A_limit_beyond_the_bound_is_lowered_to_it() => Assert.Equal(1_500, Search("limit=2147483647").Limit);

    [Fact]
    public void A_span_shorter_than_a_microsecond_is_shown_as_one_and_found_by_one() => Assert.Equal(1, Search("minDuration=1").MinDurationNs);

    [Fact]
    public void Numbers_beyond_what_can_be_are_moved_to_the_ends()
    {
        var query = Search("endTs=9223372036854775807&lookback=9223372036854775807&minDuration=9223372036854775807&maxDuration=9223372036854775807");
        Assert.Equal(0UL, query.StartMinNs);
        Assert.Equal(9_223_372_036_854_000_999UL, query.StartMaxNs);
        Assert.Equal(9_223_372_036_854_775_000, query.MinDurationNs);
        Assert.Equal(long.MaxValue, query.MaxDurationNs);
    }

    [Fact]
    public void Names_need_a_service_that_may_be_empty()
    {
        Assert.Equal("shop", ZipkinParameters.RequiredService(Parameters.Of("serviceName=SHOP")));
        Assert.Equal("", ZipkinParameters.RequiredService(Parameters.Of("serviceName=")));
        Assert.Equal(
            "Required parameter 'serviceName' is missing.",
            Assert.Throws<InvalidQueryException>(() => ZipkinParameters.RequiredService(Parameters.Of("service=x"))).Message);
    }

    [Fact]
    public void Several_ids_are_divided_by_commas() => Assert.Equal(
        [new TraceId(0, 0xA), new TraceId(1, 0xB)], ZipkinParameters.TraceIds(Parameters.Of("traceIds=a,1000000000000000b")));

    [Theory]
    [InlineData("", "Required parameter 'traceIds' is missing.")]
    [InlineData("traceIds=", "traceIds parameter is empty")]
    [InlineData("traceIds=a", "Use /api/v2/trace/{traceId} endpoint to retrieve a single trace")]
    [InlineData("traceIds=a,b,000000000000000a", "redundant traceId: 000000000000000a")]
    [InlineData("traceIds=a, b", " b should be lower-hex encoded with no prefix")]
    [InlineData("traceIds=a,", "traceId is empty")]
    [InlineData("traceIds=a,B", "B should be lower-hex encoded with no prefix")]
    [InlineData("traceIds=a,0", "traceId is all zeros")]
    public void Ids_that_cannot_be_are_refused_in_Zipkins_words(string query, string error) =>
        Assert.Equal(error, Assert.Throws<InvalidQueryException>(() => ZipkinParameters.TraceIds(Parameters.Of(query))).Message);

    [Fact]
    public void More_than_a_thousand_ids_are_refused()
    {
        var ids = string.Join(',', Enumerable.Range(1, 1_040).Select(id => id.ToString("x")));
        var error = Assert.Throws<InvalidQueryException>(() => ZipkinParameters.TraceIds(Parameters.Of("traceIds=" + ids)));
        Assert.Equal("traceId.length > 32", error.Message);
    }

    private static TraceQuery Search(string query) => ZipkinParameters.Search(Parameters.Of(query), Parameters.Now, mostTraces: 1_500);
}
