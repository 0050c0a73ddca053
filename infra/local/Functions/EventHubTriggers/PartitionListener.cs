using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Serverless.Local;

/// <summary>
/// Runs an event hub function for one partition: batch after batch, the checkpoint behind each once its invocation ended,
/// whether it succeeded or not. A batch whose invocation did not end because the host stops is delivered again at the next start.
/// </summary>
internal sealed class PartitionListener(
    FunctionEntry function,
    EventHubPosition position,
    EventHubSettings settings,
    LocalPlatform platform,
    FunctionExecutor executor,
    ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly bool _isBatched = ((EventHubTriggerAttribute)function.Trigger).IsBatched;
    private readonly TimeProvider _clock = platform.Options.Clock;
    private long _next;
    private int _batchesSinceCheckpoint;

    /// <summary>Runs the function until the host stops, then writes the checkpoint behind what was finished.</summary>
    public async Task RunAsync()
    {
        _next = FirstSequenceNumber();
        var pause = FirstPause;
        while (!executor.Stopping.IsCancellationRequested)
        {
            try
            {
                await using var reader = new EventBatchReader(position.Partition.OpenReader(_next), settings, _clock, executor.Stopping);
                while (!executor.Stopping.IsCancellationRequested)
                {
                    var events = await reader.ReadAsync();
                    pause = FirstPause;
                    if (executor.Stopping.IsCancellationRequested || !await DeliverAsync(events))
                        break;
                    _next = events[^1].SequenceNumber + 1;
                    _batchesSinceCheckpoint++;
                    if (_batchesSinceCheckpoint >= settings.BatchCheckpointFrequency)
                        await WriteCheckpointAsync();
                }
            }
            catch (OperationCanceledException) when (executor.Stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Function '{Function}' could not read {Position}; it tries again in {Pause}.", function.Name, position, pause);
                await Task.Delay(pause, _clock, executor.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }

        if (_batchesSinceCheckpoint > 0)
            await WriteCheckpointAsync();
    }

    private long FirstSequenceNumber()
    {
        var (beginning, last) = (position.Partition.BeginningSequenceNumber, position.Partition.LastEnqueuedSequenceNumber);
        var checkpoint = settings.EnableCheckpointing ? position.ReadCheckpoint() : null;
        if (checkpoint is null)
            return settings.StartsAtEnd ? last + 1 : beginning;
        if (checkpoint <= last)
            return Math.Max(checkpoint.Value + 1, beginning);
        if (checkpoint > last && last >= 0)
        {
            logger.LogWarning(
                "The checkpoint of {Position} is {Checkpoint}, but its newest event is {Last}: the events were lost or removed. Reading begins at {Beginning}.",
                position, checkpoint, last, beginning);
        }

        return beginning;
    }

    // True once every event was dealt with, be it by a failure; false when the host stops before that.
    private async Task<bool> DeliverAsync(EventData[] events)
    {
        do
        {
            if (_isBatched)
            {
                if (await RunAsync(events, new EventHubBindingData(position, events, isBatch: true)) == RunOutcome.Abandoned)
                    return false;
                continue;
            }

            foreach (var data in events)
            {
                if (await RunAsync(data, new EventHubBindingData(position, [data], isBatch: false)) == RunOutcome.Abandoned)
                    return false;
            }
        }
        while (!executor.Stopping.IsCancellationRequested && platform.Faults.Draw(FaultOperations.HubCheckpoint, position.HubName, FaultKind.Redeliver) is not null);
        return true;
    }

    private Task<RunOutcome> RunAsync(object input, EventHubBindingData data) => executor.RunAsync(function, input, data.ToDictionary);

    private async Task WriteCheckpointAsync()
    {
        if (!settings.EnableCheckpointing)
            return;
        try
        {
            // Not cancelled by the stop of the host: what is finished must not come again.
            await position.WriteCheckpointAsync(_next - 1);
            _batchesSinceCheckpoint = 0;
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "The checkpoint of {Position} could not be written; the next batch's will stand for it.", position);
        }
    }
}
