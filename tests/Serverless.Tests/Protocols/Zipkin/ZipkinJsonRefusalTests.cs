using System.Text;
using Serverless.Tracing.Protocols;
using Serverless.Tracing.Protocols.Zipkin;

namespace Serverless.Tests.Protocols.Zipkin;

public sealed class ZipkinJsonRefusalTests
{
    [Theory]
    [InlineData("""{"traceId":"1","id":"2"}""")]
    [InlineData("  ")]
    [InlineData("null")]
    [InlineData("\n\u000c")]
    public void A_body_that_is_no_list_is_told_so_in_Zipkins_words(string body) =>
        Assert.Equal("Expected a JSON_V2 encoded list\n", ZipkinErrors.ResponseText(ZipkinCorpus.Refuse(body)));

    [Fact]
    public void Version_1_is_told_so_in_Zipkins_words()
    {
        var error = ZipkinCorpus.Refuse(
            """
            [{"traceId":"1","id":"2","name":"get","annotations":[{"timestamp":1,"value":"cs","endpoint":{"serviceName":"a"}}],
              "binaryAnnotations":[]}]
            """);
        Assert.Equal("Expected a JSON_V2 encoded list, but received: JSON_V1\n", ZipkinErrors.ResponseText(error));
    }

    [Theory]
    [InlineData("""[{"traceId":"ABC","id":"2"}]""", "[0].traceId", 12, "ABC should be lower-hex encoded with no prefix")]
    [InlineData("""[{"traceId":"0x1","id":"2"}]""", "[0].traceId", 12, "0x1 should be lower-hex encoded with no prefix")]
    [InlineData("""[{"traceId":"463ac35c-9f6413ad","id":"2"}]""", "[0].traceId", 12, "463ac35c-9f6413ad should be lower-hex encoded with no prefix")]
    [InlineData("""[{"traceId":"","id":"2"}]""", "[0].traceId", 12, "traceId is empty")]
    [InlineData("""[{"traceId":"000","id":"2"}]""", "[0].traceId", 12, "traceId is all zeros")]
    [InlineData("""[{"traceId":"123456781234567812345678123456789","id":"2"}]""", "[0].traceId", 12, "traceId.length > 32")]
    [InlineData("""[{"traceId":null,"id":"2"}]""", "[0].traceId", 12, "a text expected, found null")]
    [InlineData("""[{"traceId":"1","id":"12345678123456789"}]""", "[0].id", 21, "id.length > 16")]
    [InlineData("""[{"traceId":"1","id":"0000000000000000"}]""", "[0].id", 21, "id is all zeros")]
    [InlineData("""[{"traceId":"1","id":"2","parentId":"X"}]""", "[0].parentId", 36, "X should be lower-hex encoded with no prefix")]
    [InlineData("""[{"traceId":"1","id":"2","parentId":""}]""", "[0].parentId", 36, "parentId is empty")]
    [InlineData("""[{"traceId":"1","id":"2"},{"traceId":"1"}]""", "[1]", 26, "the span has no id")]
    [InlineData("""[{"id":"1"}]""", "[0]", 1, "the span has no traceId")]
    [InlineData("[{}]", "[0]", 1, "the span has no traceId and id")]
    [InlineData("[7]", "[0]", 1, "an object expected, found a number")]
    [InlineData("""[{"traceId":"1","id":"2","kind":"client"}]""", "[0].kind", 32, "CLIENT, SERVER, PRODUCER or CONSUMER expected, found client")]
    [InlineData("""[{"traceId":"1","id":"2","name":true}]""", "[0].name", 32, "a text expected, found a boolean")]
    [InlineData("""[{"traceId":"1","id":"2","localEndpoint":{"port":1.5}}]""", "[0].localEndpoint.port", 49, "an integer expected, found 1.5")]
    [InlineData("""[{"traceId":"1","id":"2","timestamp":1e19}]""", "[0].timestamp", 37, "an integer expected, found 1e19")]
    [InlineData("""[{"traceId":"1","id":"2","timestamp":"2024-01-01"}]""", "[0].timestamp", 37, "an integer expected, found 2024-01-01")]
    [InlineData("""[{"traceId":"1","id":"2","duration":[]}]""", "[0].duration", 36, "an integer expected, found a list")]
    [InlineData("""[{"traceId":"1","id":"2","localEndpoint":[]}]""", "[0].localEndpoint", 41, "an object expected, found a list")]
    [InlineData("""[{"traceId":"1","id":"2","localEndpoint":{"port":65536}}]""", "[0].localEndpoint.port", 49, "invalid port 65536")]
    [InlineData("""[{"traceId":"1","id":"2","remoteEndpoint":{"ipv4":{}}}]""", "[0].remoteEndpoint.ipv4", 50, "a text expected, found an object")]
    [InlineData("""[{"traceId":"1","id":"2","annotations":{}}]""", "[0].annotations", 39, "a list expected, found an object")]
    [InlineData("""[{"traceId":"1","id":"2","annotations":[{"timestamp":1}]}]""", "[0].annotations[0]", 40, "an annotation needs a timestamp and a value")]
    [InlineData("""[{"traceId":"1","id":"2","annotations":[{"timestamp":1,"value":"a"},{"timestamp":null,"value":"a"}]}]""", "[0].annotations[1].timestamp", 81, "an integer expected, found null")]
    [InlineData("""[{"traceId":"1","id":"2","tags":{"a":null}}]""", "[0].tags.a", 37, "a tag's value is a text, found null")]
    [InlineData("""[{"traceId":"1","id":"2","tags":{"a.b":true}}]""", "[0].tags.a.b", 39, "a tag's value is a text, found a boolean")]
    [InlineData("""[{"traceId":"1","id":"2","tags":[]}]""", "[0].tags", 32, "an object expected, found a list")]
    [InlineData("""[{"traceId":"1","id":"2","debug":"true"}]""", "[0].debug", 33, "true or false expected, found a text")]
    [InlineData("""[{"traceId":"1","id":"2"}""", "[0]", 25, "Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.")]
    [InlineData("[{\"traceId\":\"1\",\n\"id\" \"2\"}]", "[0].traceId", 22, "'\"' is invalid after a property name. Expected a ':'.")]
    [InlineData("[] []", "", 3, "'[' is invalid after a single JSON value. Expected end of data.")]
    public void What_is_wrong_is_said_with_path_offset_and_reason(string body, string path, long offset, string reason)
    {
        var error = ZipkinCorpus.Refuse(body);
        Assert.Equal(("Zipkin JSON v2", path, offset, reason), (error.Format, error.Path, error.Offset, error.Reason));
        Assert.Equal(
            $"Malformed reading List<Span> from json: Malformed Zipkin JSON v2: {(path.Length == 0 ? "" : path + " ")}at byte {offset}: {reason}",
            ZipkinErrors.ResponseText(error));
    }

    [Theory]
    [InlineData("name\":\"\u00ff", "[0].name", "the text is not valid UTF-8")]
    [InlineData("tags\":{\"k\":\"\u00ff", "[0].tags.k", "the text is not valid UTF-8")]
    [InlineData("tags\":{\"k\u00c3\":\"", "[0].tags", "the text is not valid UTF-8")]
    [InlineData("id\":\"\u00ff", "[0].id", "\ufffd should be lower-hex encoded with no prefix")]
    public void Invalid_UTF8_is_refused(string field, string path, string reason)
    {
        var error = ZipkinCorpus.Refuse(Encoding.Latin1.GetBytes($"[{{\"traceId\":\"1\",\"id\":\"2\",\"{field}\"}}]"));
        Assert.Equal((path, reason), (error.Path, error.Reason));
    }

    [Fact]
    public void Nesting_deeper_than_the_limit_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 100_000));
        var error = ZipkinCorpus.Refuse("[{\"traceId\":\"1\",\"id\":\"2\",\"x\":" + deep);
        Assert.Equal((91, "The maximum configured depth of 64 has been exceeded. Cannot read next JSON array."), ((int)error.Offset, error.Reason));
        Assert.Equal(
            "The maximum configured depth of 8 has been exceeded. Cannot read next JSON array.",
            ZipkinCorpus.Refuse("[{\"traceId\":\"1\",\"id\":\"2\",\"x\":" + deep, new DecodeLimits { MaxDepth = 8 }).Reason);
    }

    [Fact]
    public void More_spans_than_the_limit_are_refused()
    {
        var error = ZipkinCorpus.Refuse(
            """[{"traceId":"1","id":"1"},{"traceId":"1","id":"2"},{"traceId":"1","id":"3"}]""", new DecodeLimits { MaxSpans = 2 });
        Assert.Equal(("[2]", 51, "more than 2 spans in one request; send them in several"), (error.Path, (int)error.Offset, error.Reason));
    }
}
