using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Buffering;

/// <summary>What was taken of a <see cref="StandingLedger"/> for one event, and the promise to tell those who wait for it.</summary>
internal sealed class StandingPart
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is to be told.</summary>
    public LedgerSection Section { get; } = new();

    /// <summary>Ends when there is nothing more to wait for.</summary>
    public Task Done => _done.Task;

    /// <summary>Ends the waiting.</summary>
    public void End() => _done.TrySetResult();
}
