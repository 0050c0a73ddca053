using Serverless.Functions.Querying;
using Serverless.Functions.Querying.Jaeger;
using Serverless.Tracing.Model;
using Serverless.Tracing.Search;

namespace Serverless.Tests.Querying;

public sealed class JaegerParametersTests
{
    private const ulong TwoDaysNs = 172_800_000_000_000;

    [Fact]
    public void A_service_is_enough_the_rest_has_Jaegers_defaults()
    {
        var search = Search("service=shop");
        Assert.Empty(search.TraceIds);
        Assert.False(search.View.IsRaw);
        var query = search.Query;
        Assert.Equal(QuerySemantics.SameSpan, query.Semantics);
        Assert.Equal("shop", query.ServiceName);
        Assert.Null(query.SpanName);
        Assert.Null(query.SpanKind);
        Assert.Null(query.RemoteServiceName);
        Assert.Empty(query.Conditions);
        Assert.Null(query.MinDurationNs);
        Assert.Null(query.MaxDurationNs);
        Assert.Equal(Parameters.NowNs - TwoDaysNs, query.StartMinNs);
        Assert.Equal(Parameters.NowNs + 999, query.StartMaxNs);
        Assert.Equal(100, query.Limit);
    }

    [Fact]
    public void Every_parameter_is_read()
    {
        var search = Search(
            "service=Shop&operation=GET%20%2Fcart&start=1700000000000001&end=1700000000000002&limit=7&minDuration=1.5ms&maxDuration=2s"
            + "&tag=http.url:http://a:80/&tag=k:&tags=%7B%22a%22%3A%22b%22%2C%22k%22%3A%22v%22%7D&raw=true");
        Assert.True(search.View.IsRaw);
        var query = search.Query;
        Assert.Equal("Shop", query.ServiceName);
        Assert.Equal("GET /cart", query.SpanName);
        Assert.Equal(1_700_000_000_000_001_000UL, query.StartMinNs);
        Assert.Equal(1_700_000_000_000_002_999UL, query.StartMaxNs);
        Assert.Equal(7, query.Limit);
        Assert.Equal(1_500_000, query.MinDurationNs);
        Assert.Equal(2_000_000_000, query.MaxDurationNs);
        Assert.Equal(
            [TagCondition.Equal("http.url", "http://a:80/"), TagCondition.Equal("k", "v"), TagCondition.Equal("a", "b")], query.Conditions);
    }

    [Fact]
    public void Repeated_tags_and_tag_are_merged_and_the_last_of_a_key_wins()
    {
        var query = Search("service=s&tag=a:1&tag=a:2&tags={\"b\":\"3\"}&tags={\"b\":\"4\",\"c\":\"\"}").Query;
        Assert.Equal([TagCondition.Equal("a", "2"), TagCondition.Equal("b", "4"), TagCondition.Equal("c", "")], query.Conditions);
    }

    [Fact]
    public void Of_another_parameter_that_is_given_twice_the_first_counts() =>
        Assert.Equal("a", Search("service=a&service=b").Query.ServiceName);

    [Fact]
    public void Ids_are_asked_for_instead_of_a_service()
    {
        var search = Search("traceID=1&traceID=463AC35C9F6413AD48485a3953bb6124");
        Assert.Equal([new TraceId(0, 1), new TraceId(0x463AC35C9F6413AD, 0x48485A3953BB6124)], search.TraceIds);
    }

    [Theory]
    [InlineData("minDuration=0s&maxDuration=0ms")]
    [InlineData("minDuration=&maxDuration=")]
    public void A_duration_of_zero_is_none(string durations)
    {
        var query = Search("service=s&" + durations).Query;
        Assert.Null(query.MinDurationNs);
        Assert.Null(query.MaxDurationNs);
    }

    [Fact]
    public void A_maximum_needs_no_minimum() => Assert.Equal(5_000, Search("service=s&maxDuration=5us").Query.MaxDurationNs);

    [Fact]
    public void A_limit_beyond_the_bound_is_lowered_to_it() => Assert.Equal(1_500, Search("service=s&limit=2147483647").Query.Limit);

    [Fact]
    public void Times_outside_of_what_can_be_are_moved_to_the_ends()
    {
        var query = Search("service=s&start=-9223372036854775808&end=9223372036854775807").Query;
        Assert.Equal(0UL, query.StartMinNs);
        Assert.Equal(9_223_372_036_854_775_999UL, query.StartMaxNs);
    }

    [Theory]
    [InlineData("", "parameter 'service' is required")]
    [InlineData("service=", "parameter 'service' is required")]
    [InlineData("operation=x", "parameter 'service' is required")]
    [InlineData("service=s&start=x", "unable to parse param 'start': strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("service=s&start=1.5", "unable to parse param 'start': strconv.ParseInt: parsing \"1.5\": invalid syntax")]
    [InlineData("service=s&end=-", "unable to parse param 'end': strconv.ParseInt: parsing \"-\": invalid syntax")]
    [InlineData("service=s&end=9223372036854775808", "unable to parse param 'end': strconv.ParseInt: parsing \"9223372036854775808\": value out of range")]
    [InlineData("service=s&start=2&end=1", "'start' must not be after 'end'")]
    [InlineData("service=s&limit=x", "strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("service=s&limit=2147483648", "strconv.ParseInt: parsing \"2147483648\": value out of range")]
    [InlineData("service=s&limit=0", "'limit' must be greater than 0")]
    [InlineData("service=s&limit=-1", "'limit' must be greater than 0")]
    [InlineData("service=s&minDuration=20", "unable to parse param 'minDuration': time: missing unit in duration \"20\"")]
    [InlineData("service=s&maxDuration=2d", "unable to parse param 'maxDuration': time: unknown unit \"d\" in duration \"2d\"")]
    [InlineData("service=s&minDuration=2s&maxDuration=1s", "'maxDuration' should be greater than 'minDuration'")]
    [InlineData("service=s&tag=k", "malformed 'tag' parameter, expecting key:value, received: k")]
    [InlineData("service=s&tags=[]", "malformed 'tags' parameter, cannot unmarshal JSON: json: cannot unmarshal array into Go value of type map[string]string")]
    [InlineData("service=s&tags={\"a\":1}", "malformed 'tags' parameter, cannot unmarshal JSON: json: cannot unmarshal number into Go value of type string")]
    [InlineData("service=s&tags={\"a\":true}", "malformed 'tags' parameter, cannot unmarshal JSON: json: cannot unmarshal bool into Go value of type string")]
    [InlineData("service=s&tags={\"a\":null}", "malformed 'tags' parameter, cannot unmarshal JSON: json: cannot unmarshal null into Go value of type string")]
    [InlineData("traceID=x", "cannot parse traceID param: strconv.ParseUint: parsing \"x\": invalid syntax")]
    [InlineData("service=s&raw=maybe", "unable to parse param 'raw': strconv.ParseBool: parsing \"maybe\": invalid syntax")]
    public void What_is_wrong_is_told_in_Jaegers_words(string query, string error) =>
        Assert.Equal(error, Assert.Throws<InvalidQueryException>(() => Search(query)).Message);

    [Theory]
    [InlineData("{")]
    [InlineData("{\"a\":\"b\"")]
    [InlineData("")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    public void Tags_that_are_no_JSON_are_refused(string tags)
    {
        var error = Assert.Throws<InvalidQueryException>(() => Search("service=s&tags=" + tags));
        Assert.StartsWith("malformed 'tags' parameter, cannot unmarshal JSON: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_ids_than_the_bound_are_refused()
    {
        var query = string.Join('&', Enumerable.Range(1, 1_501).Select(id => $"traceID={id}"));
        var error = Assert.Throws<InvalidQueryException>(() => Search(query));
        Assert.Equal("1501 traces are asked for, more than 1500: ask for fewer at a time", error.Message);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("raw=false", false)]
    [InlineData("raw=0", false)]
    [InlineData("raw=1&start=1&end=0", true)]
    [InlineData("raw=T", true)]
    public void A_trace_is_left_raw_on_demand(string query, bool isRaw) => Assert.Equal(isRaw, JaegerParameters.Trace(Parameters.Of(query)).IsRaw);

    [Theory]
    [InlineData("start=x", "unable to parse param 'start': strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("end=x", "unable to parse param 'end': strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("raw=x", "unable to parse param 'raw': strconv.ParseBool: parsing \"x\": invalid syntax")]
    public void The_hints_of_a_trace_are_checked(string query, string error) =>
        Assert.Equal(error, Assert.Throws<InvalidQueryException>(() => JaegerParameters.Trace(Parameters.Of(query))).Message);

    [Theory]
    [InlineData("", false)]
    [InlineData("prettyPrint=", false)]
    [InlineData("prettyPrint=false", false)]
    [InlineData("prettyPrint=true", true)]
    [InlineData("prettyPrint=1", true)]
    public void Pretty_is_anything_but_false(string query, bool isPretty) => Assert.Equal(isPretty, JaegerParameters.IsPretty(Parameters.Of(query)));

    [Theory]
    [InlineData("", null)]
    [InlineData("spanKind=", null)]
    [InlineData("spanKind=unspecified", SpanKind.Unspecified)]
    [InlineData("spanKind=internal", SpanKind.Internal)]
    [InlineData("spanKind=server", SpanKind.Server)]
    [InlineData("spanKind=client", SpanKind.Client)]
    [InlineData("spanKind=producer", SpanKind.Producer)]
    [InlineData("spanKind=consumer", SpanKind.Consumer)]
    public void Kinds_are_told_by_their_names(string query, SpanKind? kind) => Assert.Equal(kind, JaegerParameters.Kind(Parameters.Of(query)));

    [Fact]
    public void An_unknown_kind_is_refused() => Assert.Equal(
        "unable to parse param 'spanKind': unsupported span kind: 'SERVER'",
        Assert.Throws<InvalidQueryException>(() => JaegerParameters.Kind(Parameters.Of("spanKind=SERVER"))).Message);

    [Fact]
    public void Operations_need_a_service() => Assert.Equal(
        "parameter 'service' is required",
        Assert.Throws<InvalidQueryException>(() => JaegerParameters.RequiredService(Parameters.Of("spanKind=server"))).Message);

    private static JaegerSearch Search(string query) => JaegerParameters.Search(Parameters.Of(query), Parameters.Now, mostTraces: 1_500);
}
