using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Assembling;

/// <summary>Regroups the frames of a batch by trace, and the traces by shard: concatenated, not decoded.</summary>
internal sealed class TraceRowBuilder
{
    private readonly List<FrameExtent> _frames = [];

    /// <summary>How many frames there are.</summary>
    public int FrameCount => _frames.Count;

    /// <summary>Forgets everything.</summary>
    public void Reset() => _frames.Clear();

    /// <summary>Forgets the frames beyond the first so many.</summary>
    public void TruncateTo(int frames) => _frames.RemoveRange(frames, _frames.Count - frames);

    /// <summary>Adds a frame that lies somewhere in the batch's bytes.</summary>
    public void Add(ulong traceLow, int offset, int length) =>
        _frames.Add(new FrameExtent(Shards.Of(traceLow), traceLow, _frames.Count, offset, length));

    /// <summary>The rows of each shard that the batch touches, and the ids of all its traces.</summary>
    /// <param name="bytes">The batch's bytes.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="traces">Gets the low 64 bits of the id of each trace.</param>
    public List<ShardRows> Build(ReadOnlySpan<byte> bytes, BatchId batch, List<ulong> traces)
    {
        _frames.Sort();
        var shards = new List<ShardRows>();
        for (var first = 0; first < _frames.Count;)
        {
            var (shard, traceLow, _, _, _) = _frames[first];
            var end = first;
            var length = 0;
            while (end < _frames.Count && _frames[end].TraceLow == traceLow)
                length += _frames[end++].Length;
            if (shards.Count == 0 || shards[^1].Shard != shard)
                shards.Add(new ShardRows(shard, []));
            AddRows(shards[^1].Rows, Concatenate(bytes, first, end, length), traceLow, batch);
            traces.Add(traceLow);
            first = end;
        }

        return shards;
    }

    private byte[] Concatenate(ReadOnlySpan<byte> bytes, int first, int end, int length)
    {
        var data = GC.AllocateUninitializedArray<byte>(length);
        var at = 0;
        for (var i = first; i < end; i++)
        {
            bytes.Slice(_frames[i].Offset, _frames[i].Length).CopyTo(data.AsSpan(at));
            at += _frames[i].Length;
        }

        return data;
    }

    private static void AddRows(List<StoredRow> rows, byte[] data, ulong traceLow, BatchId batch)
    {
        if (data.Length <= TableStorage.MaxRowBytes)
        {
            rows.Add(new StoredRow(RowKeys.Trace(traceLow, batch, 0), data));
            return;
        }

        for (var (part, at) = (0, 0); at < data.Length; part++, at += TableStorage.MaxRowBytes)
        {
            var length = Math.Min(TableStorage.MaxRowBytes, data.Length - at);
            rows.Add(new StoredRow(RowKeys.Trace(traceLow, batch, part), data.AsSpan(at, length).ToArray()));
        }
    }

    private readonly record struct FrameExtent(int Shard, ulong TraceLow, int Ordinal, int Offset, int Length) : IComparable<FrameExtent>
    {
        public int CompareTo(FrameExtent other)
        {
            var order = Shard.CompareTo(other.Shard);
            if (order == 0)
                order = TraceLow.CompareTo(other.TraceLow);
            return order != 0 ? order : Ordinal.CompareTo(other.Ordinal);
        }
    }
}
