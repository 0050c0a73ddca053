using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Assembling;
using Serverless.Functions.Buffering;

namespace Serverless.Functions.Finalizing;

/// <summary>Takes lists of quiet traces from the hub <c>finalize</c>, each batch from one partition, and has them finalized.</summary>
/// <remarks>As with the assembler, the checkpoint moves on when this ends: so it ends only when everything is done, or when the host stops.</remarks>
public sealed class FinalizeFunction(TraceFinalizer finalizer)
{
    /// <summary>Finalizes the traces of a batch of events.</summary>
    [Function("finalize")]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:00:30")]
    public async Task RunAsync(
        [EventHubTrigger(FinalizeHub.Name, ConsumerGroup = FinalizeHub.FinalizerGroup, Connection = FinalizeHub.Connection)] EventData[] events,
        FunctionContext context,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(events);
        var partition = TriggerPartition.IdOf(context);
        foreach (var data in events)
            await finalizer.FinalizeAsync(partition, new BufferedEvent(data.SequenceNumber, data.EventBody.ToMemory()), cancellation);
    }
}
