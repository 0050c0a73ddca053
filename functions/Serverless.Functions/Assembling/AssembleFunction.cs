using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;

namespace Serverless.Functions.Assembling;

/// <summary>Takes batches of events from the hub, each from one partition, and has them written.</summary>
/// <remarks>
/// The trigger moves its checkpoint on when this ends, even by an exception; so it ends only when everything is written,
/// or when the host stops, which keeps the checkpoint where it is. The retry attribute is the second belt.
/// </remarks>
public sealed class AssembleFunction(BatchAssembler assembler, PromptPlanner planner)
{
    /// <summary>Assembles one batch.</summary>
    [Function("assemble")]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:00:30")]
    public async Task RunAsync(
        [EventHubTrigger(SpanHub.Name, ConsumerGroup = SpanHub.AssemblerGroup, Connection = SpanHub.Connection)] EventData[] events,
        FunctionContext context,
        CancellationToken cancellation)
    {
        var batch = new BufferedEvent[events.Length];
        for (var i = 0; i < batch.Length; i++)
            batch[i] = new BufferedEvent(events[i].SequenceNumber, events[i].EventBody.ToMemory(), events[i].EnqueuedTime);
        await assembler.AssembleAsync(TriggerPartition.IdOf(context), batch, cancellation);
        planner.Assembled();
    }
}
