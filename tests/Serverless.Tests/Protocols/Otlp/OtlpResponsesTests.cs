using System.Text;
using Serverless.Tracing.Protocols.Otlp;

namespace Serverless.Tests.Protocols.Otlp;

public sealed class OtlpResponsesTests
{
    [Fact]
    public void Success_leaves_partial_success_out()
    {
        Assert.Empty(OtlpResponses.Success(json: false));
        Assert.Equal("{}", Encoding.UTF8.GetString(OtlpResponses.Success(json: true)));
    }

    [Fact]
    public void Partial_success_says_how_many_and_why()
    {
        var expected = new ProtoMessage().Message(1, new ProtoMessage().Varint(1, 300).Text(2, "bad \"id\"")).ToArray();
        Assert.Equal(expected, OtlpResponses.PartialSuccess(json: false, 300, "bad \"id\""));
        Assert.Equal(
            """{"partialSuccess":{"rejectedSpans":"300","errorMessage":"bad \"id\""}}""",
            Encoding.UTF8.GetString(OtlpResponses.PartialSuccess(json: true, 300, "bad \"id\"")));
    }

    [Fact]
    public void Errors_are_a_google_rpc_status()
    {
        var expected = new ProtoMessage().Varint(1, 3).Text(2, "Malformed").ToArray();
        Assert.Equal(expected, OtlpResponses.Error(json: false, OtlpResponses.InvalidArgument, "Malformed"));
        Assert.Equal(
            """{"code":14,"message":"try again"}""",
            Encoding.UTF8.GetString(OtlpResponses.Error(json: true, OtlpResponses.Unavailable, "try again")));
    }
}
