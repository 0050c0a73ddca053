namespace Serverless.Functions.Buffering;

/// <summary>A request's spans on their way into the hub, in one or several events.</summary>
public sealed class Publication
{
    private readonly List<PendingEvent> _parts = [];

    /// <summary>Ends when the hub has all of them, or fails with what the sender is to be told.</summary>
    public Task Sent => _parts.Count switch
    {
        0 => Task.CompletedTask,
        1 => _parts[0].Sent,
        _ => Task.WhenAll(_parts.Select(part => part.Sent)),
    };

    /// <summary>Ends when the hub has what else the ledger is told with them, or did not take it now; never fails.</summary>
    public Task Told { get; internal set; } = Task.CompletedTask;

    internal void Add(PendingEvent pending) => _parts.Add(pending);
}
