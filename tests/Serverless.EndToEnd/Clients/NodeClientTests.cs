namespace Serverless.EndToEnd.Clients;

/// <summary>Clients of npm, each as two processes that call one another.</summary>
[Collection(ClientsCollection.Name)]
public sealed class NodeClientTests(ClientsFixture system)
{
    [Theory]
    [InlineData("otlp-json", "w3c", "none")]
    [InlineData("otlp-protobuf", "b3-multi", "gzip")]
    [InlineData("otlp-grpc", "b3-single", "none")]
    [InlineData("otlp-grpc", "w3c", "gzip")]
    [InlineData("zipkin", "b3-multi", "none")]
    public async Task The_traces_of_the_opentelemetry_sdk_are_read_back_whole(string exporter, string propagation, string compression)
    {
        var endpoint = exporter == "otlp-grpc" ? system.GrpcAddress : system.Address;
        var made = await NodeClient.TraceAsync(new
        {
            Client = "opentelemetry", Name = $"{exporter}-{propagation}", Exporter = exporter, Propagation = propagation, Compression = compression,
            Endpoint = endpoint.GetLeftPart(UriPartial.Authority),
        });
        Assert.Equal(6, made.Count);
        await TraceCheck.AssertAsync(system.Address, made);
    }

    [Theory]
    [InlineData("v2", true, true, true)]
    [InlineData("v2", false, false, false)]
    [InlineData("v1", true, true, false)]
    [InlineData("v1", false, false, true)]
    public async Task The_traces_of_zipkin_are_read_back_whole(string encoding, bool traceId128Bit, bool supportsJoin, bool isDebug)
    {
        var made = await NodeClient.TraceAsync(new
        {
            Client = "zipkin", Name = $"zipkin-{encoding}-{traceId128Bit}", Encoding = encoding, TraceId128Bit = traceId128Bit, SupportsJoin = supportsJoin,
            IsDebug = isDebug, Endpoint = system.Address.GetLeftPart(UriPartial.Authority),
        });
        Assert.Equal(5, made.Count);
        Assert.Equal(supportsJoin ? 1 : 0, made.Count(span => span.IsShared));
        await TraceCheck.AssertAsync(system.Address, made);
    }

    [Theory]
    [InlineData("uber", "http", false, false, true)]
    [InlineData("b3-multi", "http", true, false, false)]
    [InlineData("b3-multi", "http", true, true, false)]
    [InlineData("uber", "udp", true, false, false)]
    public async Task The_traces_of_jaeger_client_are_read_back_whole(
        string propagation, string sender, bool traceId128Bit, bool shareRpcSpan, bool isDebug)
    {
        var made = await NodeClient.TraceAsync(new
        {
            Client = "jaeger", Name = $"jaeger-{propagation}-{sender}-{shareRpcSpan}", Propagation = propagation, TraceId128Bit = traceId128Bit,
            ShareRpcSpan = shareRpcSpan, IsDebug = isDebug, Endpoint = system.Address.GetLeftPart(UriPartial.Authority),
            AgentPort = sender == "udp" ? system.UdpAddress.Port : (int?)null,
        });
        Assert.Equal(4, made.Count);
        await TraceCheck.AssertAsync(system.Address, made);
    }
}
