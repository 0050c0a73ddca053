using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Buffering;

/// <summary>Frames of several requests that leave together as one event, and the promise to tell those requests.</summary>
internal sealed class PendingEvent(byte[] buffer)
{
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<FrameSlice> _frames = [];
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
