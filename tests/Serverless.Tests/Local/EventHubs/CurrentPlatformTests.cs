using Azure.Core;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;

namespace Serverless.Tests.Local.EventHubs;

/// <summary>The current platform is the process's: no other test may open or close one meanwhile.</summary>
[CollectionDefinition(nameof(CurrentPlatformTests), DisableParallelization = true)]
[Collection(nameof(CurrentPlatformTests))]
public sealed class CurrentPlatformTests : HubTest
{
    [Fact]
    public async Task A_namespace_and_credential_lead_to_the_current_platform_and_the_credential_is_not_asked()
    {
        await using var producer = new EventHubProducerClient("x.servicebus.windows.net", HubName, new NoCredential());
        Assert.Equal(("x.servicebus.windows.net", HubName), (producer.FullyQualifiedNamespace, producer.EventHubName));
        await producer.SendAsync([new EventData("a")], new SendEventOptions { PartitionId = "0" }, Cancellation);
        Assert.Equal(["a"], await ReadTextsAsync(Hub.Partitions[0]));
    }

    private sealed class NoCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The credential must not be asked.");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The credential must not be asked.");
    }
}
