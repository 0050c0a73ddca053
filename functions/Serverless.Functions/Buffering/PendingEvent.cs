using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Buffering;

/// <summary>Frames of several requests that leave together as one event, and the promise to tell those requests.</summary>
internal sealed class PendingEvent(byte[] buffer)
{
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<FrameSlice> _frames = [];
    private readonly List<(ReceiptId Id, int Accepted, int FirstFrame, int Frames)> _requests = [];
    private byte[] _bytes = buffer;

    /// <summary>Ends when the hub has the event, or fails with what the requests are to be told.</summary>
    public Task Sent => _sent.Task;

    public IReadOnlyList<FrameSlice> Frames => _frames;

    public int Length { get; private set; }

    /// <summary>What the ledger is to know of the frames; it has happened only if the event is taken.</summary>
    public LedgerSection Section { get; } = new();

    /// <summary>What the ledger is to know whatever becomes of this event, or null.</summary>
    public StandingPart? Standing { get; set; }

    /// <summary>How many of the frames, from the first on, the hub has although the event failed: it was sent in parts.</summary>
    public int FramesTaken { get; set; }

    /// <summary>The memory of the event, free for another one once this one is sent.</summary>
    public byte[] Buffer => _bytes;

    /// <summary>The bytes of some of the frames, which lie one after the other.</summary>
    public ReadOnlyMemory<byte> Bytes(int firstFrame, int frames)
    {
        if (frames == 0)
            return default;
        var first = _frames[firstFrame];
        var last = _frames[firstFrame + frames - 1];
        return _bytes.AsMemory(first.Offset, last.Offset + last.Length - first.Offset);
    }

    public void Add(FrameBuffer from, in FrameSlice frame)
    {
        if (Length + frame.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + frame.Length));
        from.Bytes(frame).CopyTo(_bytes.AsSpan(Length));
        _frames.Add(frame with { Offset = Length });
        Length += frame.Length;
    }

    /// <summary>Says whose frames those are that were added last.</summary>
    /// <param name="id">The request's receipt.</param>
    /// <param name="accepted">How many spans it has in all.</param>
    /// <param name="firstFrame">Its first frame in this event; all from there on are its own.</param>
    public void AddRequest(ReceiptId id, int accepted, int firstFrame)
    {
        if (_requests.Count == LedgerSection.MostRequests)
            return;
        _requests.Add((id, accepted, firstFrame, _frames.Count - firstFrame));
        Section.Add(new LedgerRequest(id, accepted, Spans(firstFrame, _frames.Count - firstFrame)));
    }

    /// <summary>Tells which requests have spans in some of the frames.</summary>
    public void AddRequestsTo(LedgerSection section, int firstFrame, int frames)
    {
        foreach (var request in _requests)
        {
            var first = Math.Max(firstFrame, request.FirstFrame);
            var end = Math.Min(firstFrame + frames, request.FirstFrame + request.Frames);
            if (first < end)
                section.Add(new LedgerRequest(request.Id, request.Accepted, Spans(first, end - first)));
        }
    }

    /// <summary>How many spans some of the frames have.</summary>
    public int Spans(int firstFrame, int frames)
    {
        var spans = 0;
        for (var i = firstFrame; i < firstFrame + frames; i++)
            spans += _frames[i].Spans;
        return spans;
    }

    public void Succeed()
    {
        Standing?.End();
        _sent.SetResult();
    }

    public void Fail(Exception exception)
    {
        _sent.SetException(exception);
        // A request that was aborted no longer looks: its failure is not an unobserved one.
        _ = _sent.Task.Exception;
    }
}
