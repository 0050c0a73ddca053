namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a trigger tells about its input.</summary>
public abstract class BindingContext
{
    /// <summary>
    /// By name. For a batch of events the JSON texts PartitionContext, PartitionKeyArray, OffsetArray, SequenceNumberArray,
    /// EnqueuedTimeUtcArray, PropertiesArray and SystemPropertiesArray; for a single event the same without <c>Array</c>.
    /// For a request its route's values.
    /// </summary>
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}
