using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Tests.Protocols.Jaeger;

public sealed class JaegerJsonEnvelopeTests
{
    [Fact]
    public void All_five_keys_are_there() => Assert.Equal(
        """{"data":[],"total":0,"limit":0,"offset":0,"errors":null}""",
        JsonText.Of(json =>
        {
            JaegerJsonEnvelope.Begin(json);
            json.WriteStartArray();
            json.WriteEndArray();
            JaegerJsonEnvelope.End(json);
        }));

    [Fact]
    public void Names_are_counted() => Assert.Equal(
        """{"data":["a","b"],"total":2,"limit":0,"offset":0,"errors":null}""",
        JsonText.Of(json => JaegerJsonEnvelope.WriteNames(json, ["a", "b"])));

    [Fact]
    public void A_failure_has_code_and_text() => Assert.Equal(
        """{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":404,"msg":"trace not found"}]}""",
        JsonText.Of(json => JaegerJsonEnvelope.WriteFailure(json, new JaegerError(404, "trace not found"))));

    [Fact]
    public void A_trace_missing_among_others_is_named_without_a_code() => Assert.Equal(
        """{"data":[],"total":0,"limit":0,"offset":0,"errors":[{"msg":"trace not found","traceID":"b"}]}""",
        JsonText.Of(json =>
        {
            JaegerJsonEnvelope.Begin(json);
            json.WriteStartArray();
            json.WriteEndArray();
            JaegerJsonEnvelope.End(json, 0, [new JaegerError(0, "trace not found", "b")]);
        }));

    [Fact]
    public void A_failure_of_v3_has_its_own_shape() => Assert.Equal(
        """{"error":{"httpCode":400,"message":"malformed parameter"}}""",
        JsonText.Of(json => JaegerJsonEnvelope.WriteV3Failure(json, 400, "malformed parameter")));
}
