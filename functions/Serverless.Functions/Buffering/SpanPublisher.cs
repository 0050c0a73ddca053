using Microsoft.Extensions.Logging;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Buffering;

/// <summary>
/// Takes the frames of requests and returns when the hub has them durably. Concurrent requests share events: each
/// partition of the hub has a lane in which frames gather.
/// </summary>
public sealed class SpanPublisher
{
    // What the ledger is told without spans makes no more events than these: a flood of refusals costs a few bytes for each tenth of a second.
    private static readonly TimeSpan BetweenStanding = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StandingPause = TimeSpan.FromSeconds(5);

    // While the hub is away refusals come in crowds; each row of theirs is an event later.
    private static readonly TimeSpan BetweenSpilled = TimeSpan.FromMilliseconds(250);

    private readonly SpanHub _hub;
    private readonly TracingSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger<SpanPublisher> _logger;
    private readonly PendingBytes _pending;
    private readonly StandingLedger _standing = new();
    private readonly LedgerSpill _spill;
    private volatile PartitionLane[]? _lanes;
    private int _flushing;
    private int _sendingSpilled;
    private uint _nextLane;

    /// <summary>Makes a publisher to a hub.</summary>
    public SpanPublisher(SpanHub hub, LedgerSpill spill, TracingSettings settings, TimeProvider clock, ILogger<SpanPublisher> logger)
    {
        _hub = hub;
        _spill = spill;
        _settings = settings;
        _clock = clock;
        _logger = logger;
        _pending = new PendingBytes(settings.MaxPendingBytes);
    }

    /// <summary>How many bytes of frames wait for the hub.</summary>
    public long PendingBytes => _pending.Count;

    /// <summary>Whether nothing that the ledger was told is in memory alone.</summary>
    internal bool HasToldAll => Volatile.Read(ref _flushing) == 0 && _standing.IsEmpty && !_spill.HasUnwritten;

    /// <summary>Hands over frames. They are copied before this returns: the buffer is free at once.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="tally">How many spans they have, by source.</param>
    /// <param name="extra">What else the ledger is to know once the spans are in the hub, or null.</param>
    /// <param name="cancellation">Ends the waiting for the hub's partitions.</param>
    /// <returns>The spans' way into the hub.</returns>
    /// <exception cref="PublishException">The spans were not accepted and should be sent again.</exception>
    public async ValueTask<Publication> PublishAsync(
        FrameBuffer frames, RequestTally tally, LedgerSection? extra, CancellationToken cancellation)
    {
        var publication = new Publication();
        if (frames.Frames.Count == 0)
        {
            if (extra is not null)
                publication.Told = TellAsync(extra);
            return publication;
        }

        var lanes = _lanes ?? await OpenLanesAsync(cancellation);
        if (!_pending.TryTake(frames.Length))
            throw new PublishException("Too many spans wait for the event hub; send them again later.", 1);
        if (extra is not null)
            publication.Told = TellAsync(extra);
        for (var lane = 0; lane < lanes.Length; lane++)
            lanes[lane].Add(frames, tally, lane, lanes.Length, publication);
        return publication;
    }

    /// <summary>
    /// Has the ledger told something that no spans go with. It goes with the next event, or alone; while the hub takes none
    /// it is kept in the tables, and while those take nothing either, in memory, summed up.
    /// </summary>
    /// <returns>A task that ends when the hub or the tables have it or could not take it now; it never fails.</returns>
    public Task TellAsync(LedgerSection section)
    {
        var told = _standing.Add(section);
        StartFlushing();
        return told;
    }

    private void StartFlushing()
    {
        if (Interlocked.Exchange(ref _flushing, 1) == 0)
            _ = Task.Run(FlushAsync);
    }

    private async Task FlushAsync()
    {
        while (!_standing.IsEmpty || _spill.HasUnwritten)
        {
            var pause = BetweenStanding;
            try
            {
                if (_standing.IsHubAway || _spill.HasUnwritten)
                {
                    pause = BetweenSpilled;
                    await SpillAsync();
                }
                else
                {
                    var lanes = _lanes ?? await OpenLanesAsync(CancellationToken.None);
                    await lanes[_nextLane++ % lanes.Length].AddStanding();
                }
            }
            catch (Exception e)
            {
                // Whatever it is, nobody is to wait for it, and it is tried again.
                _logger.LogWarning(e, "What the ledger is to be told waits for another event: {Reason}", e.Message);
                _standing.ReleaseWaiting();
                if (e is ObjectDisposedException)
                    return;
                pause = e is StorageException ? StandingPause : BetweenSpilled;
            }

            await Task.Delay(pause, _clock);
        }

        Volatile.Write(ref _flushing, 0);
        if (!_standing.IsEmpty)
            StartFlushing();
    }

    /// <summary>Keeps in the tables what the hub does not take.</summary>
    private async Task SpillAsync()
    {
        var part = _spill.HasUnwritten ? null : _standing.Take();
        try
        {
            await _spill.KeepAsync(part?.Section, CancellationToken.None);
        }
        finally
        {
            part?.End();
        }

        if (Interlocked.Exchange(ref _sendingSpilled, 1) == 0)
            _ = Task.Run(SendSpilledAsync);
    }

    private async Task SendSpilledAsync()
    {
        while (true)
        {
            try
            {
                await Task.Delay(StandingPause, _clock);
                await _spill.SendAsync(CancellationToken.None);
                break;
            }
            catch (ObjectDisposedException)
            {
                // Whoever runs next sends it.
                return;
            }
            catch (Exception e)
            {
                _logger.LogDebug(e, "What is kept for the ledger waits for the hub: {Reason}", e.Message);
            }
        }

        // What is kept from now on begins another run; what was kept just before, close-minutes sends.
        _standing.IsHubAway = false;
        Volatile.Write(ref _sendingSpilled, 0);
    }

    private async Task<PartitionLane[]> OpenLanesAsync(CancellationToken cancellation)
    {
        IReadOnlyList<string> partitions;
        try
        {
            partitions = await _hub.PartitionIdsAsync(cancellation);
        }
        catch (HubException e)
        {
            _standing.IsHubAway = true;
            throw new PublishException("The event hub cannot be reached; send the spans again later.", 5, e);
        }

        var linger = TimeSpan.FromMilliseconds(_settings.LingerMilliseconds);
        var lanes = new PartitionLane[partitions.Count];
        for (var i = 0; i < lanes.Length; i++)
            lanes[i] = new PartitionLane(new EventSender(_hub, i, _settings, _clock, _logger), _pending, _standing, linger, _clock);
        // Two requests may get here at once; both must use the same lanes.
        return Interlocked.CompareExchange(ref _lanes, lanes, null) ?? lanes;
    }
}
