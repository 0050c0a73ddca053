using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Buffering;

/// <summary>
/// What the ledger is to be told and no spans go with: it waits here for the next event, or makes one of its own. Counts are summed up and
/// never left out; what else a <see cref="LedgerSection"/> holds is bounded as there.
/// </summary>
internal sealed class StandingLedger
{
    private readonly Lock _gate = new();
    private StandingPart _waiting = new();
    private volatile bool _isHubAway;

    /// <summary>True from an event that the hub did not take in time to the next one that it takes.</summary>
    public bool IsHubAway
    {
        get => _isHubAway;
        set => _isHubAway = value;
    }

    /// <summary>True where nothing waits.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _waiting.Section.IsEmpty;
        }
    }

    /// <summary>Adds something.</summary>
    /// <returns>A task that ends when the hub has it, or did not take it: it then waits for another event.</returns>
    public Task Add(LedgerSection section)
    {
        lock (_gate)
        {
            _waiting.Section.Add(section);
            return _waiting.Section.IsEmpty ? Task.CompletedTask : _waiting.Done;
        }
    }

    /// <summary>Takes all that waits, to be sent; null where nothing does.</summary>
    public StandingPart? Take()
    {
        lock (_gate)
        {
            if (_waiting.Section.IsEmpty)
                return null;
            var taken = _waiting;
            _waiting = new StandingPart();
            return taken;
        }
    }

    /// <summary>Takes back what the hub did not take.</summary>
    public void GiveBack(StandingPart part)
    {
        lock (_gate)
            _waiting.Section.Add(part.Section);
        part.End();
    }

    /// <summary>Lets those who wait go: it will take longer.</summary>
    public void ReleaseWaiting()
    {
        lock (_gate)
        {
            var waiting = _waiting;
            _waiting = new StandingPart();
            _waiting.Section.Add(waiting.Section);
            waiting.End();
        }
    }
}
