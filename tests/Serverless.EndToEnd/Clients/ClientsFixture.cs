using Serverless.EndToEnd.Harness;

namespace Serverless.EndToEnd.Clients;

/// <summary>A system with everything that clients send to.</summary>
public sealed class ClientsFixture : SystemFixture
{
    protected override IReadOnlyList<string> Arguments { get; } = ["--grpc-port", "0", "--udp-ports", "0"];
}

[CollectionDefinition(Name)]
public sealed class ClientsCollection : ICollectionFixture<ClientsFixture>
{
    public const string Name = "Clients";
}
