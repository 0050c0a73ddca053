using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.Tests.Protocols.Zipkin;

/// <summary>Zipkin's V1SpanConverter rule by rule, through both formats of v1.</summary>
public sealed class ZipkinV1ConverterTests
{
    [Theory]
    [InlineData("100:cs@front 150:cr@front", 100, 50, "Client 100+50 front")]
    [InlineData("100:cs@front 150:cr@front", 90, 70, "Client 90+70 front")]
    [InlineData("100:cs@front 150:cr@front", 0, 0, "Client 100+50 front")]
    [InlineData("150:cr@front 100:cs@front", 0, 0, "Client 100+50 front")]
    [InlineData("100:sr@back 150:ss@back", 100, 50, "Server 100+50 back")]
    [InlineData("100:sr@back 150:ss@back", 0, 0, "Server 100+50 back Shared")]
    [InlineData("100:sr@back 150:ss@back", 95, 0, "Server 100+50 back Shared")]
    [InlineData("100:cs@front 150:cr@front 120:ws@front 130:wr@front 140:x@front", 100, 50, "Client 100+50 front [140:x 120:ws 130:wr]")]
    public void One_side_of_a_call(string annotations, long timestamp, long duration, string expected) =>
        Assert.Equal([expected], Convert(annotations, "", timestamp, duration));

    [Theory]
    [InlineData("100:cs@front 110:sr@back 140:ss@back 150:cr@front", 0, 0, "Client 100+50 front", "Server 110+30 back Shared")]
    [InlineData("100:cs@front 110:sr@back 140:ss@back 150:cr@front", 90, 70, "Client 90+70 front", "Server 110+30 back Shared")]
    [InlineData("100:cs@self 110:sr@self 140:ss@self 150:cr@self", 100, 50, "Client 100+50 self", "Server 110+30 self Shared")]
    [InlineData("100:cs@front 110:sr@back", 0, 0, "Client 100 front", "Server 110 back Shared")]
    [InlineData("100:cs@front 110:sr@back", 100, 0, "Client 100 front", "Server 110 back Shared")]
    [InlineData("100:cs@front 110:sr@back 150:ss@back", 100, 50, "Client 100+50 front", "Server 110+40 back Shared")]
    [InlineData("100:cs@front 105:a@front 110:sr@back 120:b@back 130:c", 100, 50, "Client 100+50 front [105:a 130:c]", "Server 110 back [120:b] Shared")]
    [InlineData("100:sr@back 101:cs@front 150:ss@back", 0, 0, "Server 100+50 back Shared", "Client 101 front")]
    public void Both_sides_of_a_call_become_two_spans(string annotations, long timestamp, long duration, string first, string second) =>
        Assert.Equal([first, second], Convert(annotations, "", timestamp, duration));

    [Theory]
    [InlineData("100:cs@front", 0, 0, "Client 100 front")]
    [InlineData("100:cs@front", 90, 70, "Client 90+70 front")]
    [InlineData("150:cr@front", 0, 0, "Client front [150:cr]")]
    [InlineData("150:cr@front", 100, 50, "Client 100+50 front")]
    [InlineData("150:cr@front", 100, 40, "Client 100+40 front [150:cr]")]
    [InlineData("150:ss@back", 0, 0, "Server back [150:ss]")]
    [InlineData("150:ss@back", 100, 50, "Server 100+50 back")]
    [InlineData("100:sr@back", 0, 0, "Server 100 back Shared")]
    [InlineData("100:sr@back", 90, 0, "Server 90 back")]
    [InlineData("100:cs 150:cr", 100, 50, "100+50 [100:cs 150:cr]")]
    [InlineData("", 0, 50, "+50")]
    [InlineData("", 0, 0, "")]
    public void What_is_missing_in_a_call_stays_missing(string annotations, long timestamp, long duration, string expected) =>
        Assert.Equal([expected], Convert(annotations, "", timestamp, duration));

    [Theory]
    [InlineData("100:ms@app", 0, 0, "Producer 100 app")]
    [InlineData("100:ms@app 120:ws@app", 0, 0, "Producer 100+20 app")]
    [InlineData("100:ms@app 120:ws@app", 90, 70, "Producer 90+70 app")]
    [InlineData("120:mr@app", 0, 0, "Consumer 120 app")]
    [InlineData("100:wr@app 120:mr@app", 0, 0, "Consumer 100+20 app")]
    [InlineData("100:ms@app 120:wr@app", 0, 0, "Producer 100 app [120:wr]")]
    [InlineData("100:ws@app 120:mr@app", 0, 0, "Consumer 120 app [100:ws]")]
    [InlineData("100:ms@app 110:ws@app 120:wr@sink 130:mr@sink", 0, 0, "Producer 100+10 app", "Consumer 120+10 sink Shared")]
    [InlineData("100:ms@app 130:mr@app", 0, 0, "Producer 100 app", "Consumer 130 app Shared")]
    public void Messages(string annotations, long timestamp, long duration, params string[] expected) =>
        Assert.Equal(expected, Convert(annotations, "", timestamp, duration));

    [Theory]
    [InlineData("100:cs@front", "sa=true@back/10.0.0.2:80", "Client 100 front -> back/10.0.0.2:80")]
    [InlineData("100:cr@front", "sa=true@back", "Client front -> back [100:cr]")]
    [InlineData("100:sr@back", "ca=true@front/10.0.0.1", "Server 100 back -> front/10.0.0.1 Shared")]
    [InlineData("100:ss@back", "ca=true@front", "Server back -> front [100:ss]")]
    [InlineData("100:sr@back", "ca=true@back/10.0.0.1:4000", "Server 100 back -> 10.0.0.1:4000 Shared")]
    [InlineData("100:sr@back", "ca=true@back", "Server 100 back Shared")]
    [InlineData("100:cs@front", "ca=true@front", "Client 100 front")]
    [InlineData("100:ms@app", "ma=true@kafka", "Producer 100 app -> kafka")]
    [InlineData("100:mr@app", "ma=true@kafka", "Consumer 100 app -> kafka")]
    [InlineData("100:cs@front", "sa=1@back", "Client 100 front -> back")]
    [InlineData("100:cs@front", "sa=@back", "Client 100 front -> back")]
    [InlineData("100:cs@front", "sa=tcp@back", "Client 100 front -> back {sa=tcp}")]
    [InlineData("100:cs@front", "sa=true@back sa=true@other", "Client 100 front -> other")]
    [InlineData("100:cs@front", "sa=true sa=x", "Client 100 front {sa=x}")]
    [InlineData("100:cs@front", "sa=false@back", "Client 100 front {sa:False=false}")]
    [InlineData("", "sa=true@back", "-> back")]
    [InlineData("", "ca=true@front", "Server -> front")]
    [InlineData("", "ca=true@front sa=true@back", "front -> back")]
    [InlineData("", "lc=@app sa=true@db", "app -> db")]
    public void Addresses(string annotations, string tags, params string[] expected) =>
        Assert.Equal(expected, Convert(annotations, tags));

    // The cases of Zipkin's SpanConverterTest that the rules above leave over, with its names.
    [Theory]
    [InlineData("client", "100:cs@front 110:ws@front 120:wr@front 150:cr@front", "http.path=/api@front sa=true@back", 100, 50, "Client 100+50 front -> back [110:ws 120:wr] {http.path=/api}")]
    [InlineData("noAnnotationsExceptAddresses", "", "lc=@front sa=true@back", 100, 50, "100+50 front -> back")]
    [InlineData("server_clientAddress", "100:sr@back 101:Gc@back 150:ss@back", "k=v@back sa=true@back ca=true@front/10.0.0.1:63840", 0, 0, "Server 100+50 back -> front/10.0.0.1:63840 [101:Gc] {k=v} Shared")]
    [InlineData("missingEndpoints", "", "", 100, 50, "100+50")]
    [InlineData("missingEndpoints_coreAnnotation", "100:sr", "", 100, 0, "100 [100:sr]")]
    [InlineData("lateRemoteEndpoint_ss", "100:ss@back", "ca=true@front", 0, 0, "Server back -> front [100:ss]")]
    [InlineData("client_missingCs", "150:cs@front", "", 100, 50, "Client 100+50 front")]
    [InlineData("redundantAddressAnnotations_client", "100:cs@front 150:cr@front", "ca=true@front sa=true@front", 100, 50, "Client 100+50 front -> front")]
    [InlineData("redundantServiceNameOnAddressAnnotations_server", "100:sr@front 150:ss@front", "ca=true@front sa=true@front", 100, 50, "Server 100+50 front")]
    [InlineData("redundantServiceNameOnAddressAnnotations_serverRetainsClientSocket", "100:sr@back 150:ss@back", "ca=true@back/10.0.0.1 sa=true@back", 100, 50, "Server 100+50 back -> 10.0.0.1")]
    [InlineData("parsesSharedFlagFromRPCSpan", "20:sr@back 30:ss@back", "", 10, 0, "Server 20+10 back Shared")]
    public void One_span_of_SpanConverterTest(string name, string annotations, string tags, long timestamp, long duration, string expected) =>
        Assert.Equal([name, expected], [name, .. Convert(annotations, tags, timestamp, duration)]);

    [Theory]
    [InlineData(
        "clientAndServer", "100:cs@front 110:ws@front 120:sr@back 130:ss@back 140:wr@front 150:cr@front",
        "http.path=/api@front http.path=/BACKEND@back c=1@front s=2@back ca=true@front sa=true@back",
        "Client 100+50 front -> back [110:ws 140:wr] {http.path=/api c=1}", "Server 120+10 back -> front {http.path=/BACKEND s=2} Shared")]
    [InlineData("producerAndConsumer", "100:ms@front 110:ws@front 120:wr@back 130:mr@back", "ma=true@kafka", "Producer 100+10 front -> kafka", "Consumer 120+10 back -> kafka Shared")]
    [InlineData("producerAndConsumer_loopback_shared", "100:ms@front 110:ws@front 120:wr@front 130:mr@front", "", "Producer 100+10 front", "Consumer 120+10 front Shared")]
    [InlineData(
        "dataMissingEndpointGoesOnFirstSpan", "100:foo@front 110:bar@front 120:baz@back 130:qux@back 140:missing", "foo=bar@front baz=qux@back missing=",
        "front [100:foo 110:bar 140:missing] {foo=bar missing=}", "back [120:baz 130:qux] {baz=qux}")]
    public void Two_spans_of_SpanConverterTest(string name, string annotations, string tags, string first, string second) =>
        Assert.Equal([name, first, second], [name, .. Convert(annotations, tags)]);

    [Theory]
    [InlineData("", "lc=@app", "app")]
    [InlineData("", "lc=spring@app", "app {lc=spring}")]
    [InlineData("", "a=b c=d@app", "app {a=b c=d}")]
    [InlineData("", "z=1@one a=2@two", "two {a=2}", "one {z=1}")]
    [InlineData("100:cs@front 110:sr@back", "k=1@front k=2@back l=3", "Client 100 front {k=1 l=3}", "Server 110 back {k=2} Shared")]
    [InlineData("100:cs@front", "k=1@front k=2@front", "Client 100 front {k=2}")]
    [InlineData("100:cs@front", "error=@front", "Client 100 front {error=} Error")]
    [InlineData("100:cs@front", "error=true@front", "Client 100 front {error:True=true} Error")]
    [InlineData("100:cs@front", "error=false@front", "Client 100 front {error:False=false}")]
    [InlineData("100:cs@front", "n=#12@front d=#0.5@front b=true@front", "Client 100 front {n:Int64=12 d:Double=0.5 b:True=true}")]
    [InlineData("100:cs@front/10.0.0.1", "k=1@front/10.0.0.9:80", "Client 100 front/10.0.0.1 {k=1}")]
    public void Tags_go_to_the_span_of_their_service(string annotations, string tags, params string[] expected) =>
        Assert.Equal(expected, Convert(annotations, tags));

    [Theory]
    [InlineData("100:ms@app 110:ws@app 120:ws@app", "Producer 100+20 app [110:ws]")]
    [InlineData("100:cs@app 110:cs@app 120:cr@app", "Client 110+10 app [100:cs]")]
    [InlineData("100:cs@app 100:cs@app 120:cr@app", "Client 100+20 app")]
    public void A_core_annotation_that_comes_again_counts_the_last_time_and_is_kept(string annotations, string expected) =>
        Assert.Equal([expected], Convert(annotations, ""));

    [Fact]
    public void Times_that_go_backwards_make_no_duration() =>
        Assert.Equal(["Client 200 front"], Convert("200:cs@front 150:cr@front", ""));

    [Fact]
    public void A_thousand_services_in_one_span_are_a_thousand_spans()
    {
        var annotations = string.Join(' ', Enumerable.Range(0, 1000).Select(i => $"{i + 1}:x@s{i}"));
        var spans = Convert(annotations, "");
        Assert.Equal(1000, spans.Length);
        Assert.Equal("s999 [1000:x]", spans[999]);
    }

    /// <summary>
    /// Converts a span whose annotations are <c>time:value@host</c> and whose binary annotations are <c>key=value@host</c>, where true and
    /// false are booleans and #1 is a number; a host is <c>service/ipv4:port</c>. Both formats have to agree.
    /// </summary>
    private static string[] Convert(string annotations, string tags, long timestamp = 0, long duration = 0)
    {
        var span = new JsonObject { ["traceId"] = "a", ["id"] = "b", ["name"] = "n" };
        if (timestamp != 0)
            span["timestamp"] = timestamp;
        if (duration != 0)
            span["duration"] = duration;
        span["annotations"] = new JsonArray([.. Split(annotations).Select(text =>
        {
            var (value, host) = Cut(text, '@');
            var (time, name) = Cut(value, ':');
            return WithHost(new JsonObject { ["timestamp"] = long.Parse(time, CultureInfo.InvariantCulture), ["value"] = name }, host);
        })]);
        span["binaryAnnotations"] = new JsonArray([.. Split(tags).Select(text =>
        {
            var (tag, host) = Cut(text, '@');
            var (key, value) = Cut(tag, '=');
            JsonNode? json = value is "true" or "false" || value.StartsWith('#') ? JsonNode.Parse(value.TrimStart('#')) : value;
            var annotation = new JsonObject { ["key"] = key, ["value"] = json };
            if (value.Contains('.', StringComparison.Ordinal))
                annotation["type"] = "DOUBLE";
            return WithHost(annotation, host);
        })]);
        var body = new JsonArray(span).ToJsonString();
        var fromJson = ZipkinCorpus.DecodeV1(Encoding.UTF8.GetBytes(body)).Select(ZipkinSpanText.Of).ToArray();
        Assert.Equal(fromJson, ZipkinCorpus.DecodeThrift(ZipkinFormats.Thrift(body)).Select(ZipkinSpanText.Of));
        return fromJson;
    }

    private static JsonObject WithHost(JsonObject annotation, string host)
    {
        if (host.Length == 0)
            return annotation;
        var (name, port) = Cut(host, ':');
        var (service, ip) = Cut(name, '/');
        var endpoint = new JsonObject { ["serviceName"] = service };
        if (ip.Length != 0)
            endpoint["ipv4"] = ip;
        if (port.Length != 0)
            endpoint["port"] = int.Parse(port, CultureInfo.InvariantCulture);
        annotation["endpoint"] = endpoint;
        return annotation;
    }

    private static string[] Split(string list) => list.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static (string Before, string After) Cut(string text, char at)
    {
        var index = text.IndexOf(at, StringComparison.Ordinal);
        return index < 0 ? (text, "") : (text[..index], text[(index + 1)..]);
    }
}
