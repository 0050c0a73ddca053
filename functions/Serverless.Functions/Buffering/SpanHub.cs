using Azure.Messaging.EventHubs.Producer;

namespace Serverless.Functions.Buffering;

/// <summary>The event hub <c>spans</c>: what was accepted, on its way to be assembled.</summary>
public sealed class SpanHub(EventHubProducerClient producer) : EventHub(producer, Name)
{
    /// <summary>The hub's name.</summary>
    public const string Name = "spans";

    /// <summary>The consumer group of the assembler.</summary>
    public const string AssemblerGroup = "assembler";

    /// <summary>The name of the setting that says where the hub is.</summary>
    public const string Connection = ConnectionSetting;
}
