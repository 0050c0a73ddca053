using Azure.Messaging.EventHubs.Producer;
using Serverless.Functions.Accounting;

namespace Serverless.Functions.Buffering;

/// <summary>The event hub <c>analytics</c>: the spans of finalized traces as JSON lines in gzip, for Azure Data Explorer's own data connection.</summary>
public sealed class AnalyticsHub(EventHubProducerClient producer, WorkCounts? work = null) : EventHub(producer, Name, work)
{
    /// <summary>The hub's name.</summary>
    public const string Name = "analytics";

    /// <summary>The most bytes of an event: 1 MB, less what travels around it.</summary>
    public const int MaxEventBytes = 1_000_000;
}
