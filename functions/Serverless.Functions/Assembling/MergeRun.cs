using System.Security.Cryptography;
using System.Text;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Assembling;

/// <summary>The small search blocks of a service and hour that are gathered to become fewer.</summary>
internal sealed class MergeRun : IDisposable
{
    /// <summary>A block of at least that many bytes is left as it is: half of what a block may take.</summary>
    public const int LargeBlockBytes = SearchBlock.MaxBytes / 2;

    private const int LeastBlocks = 8;
    private const int LeastRowsSavedOf = 2;

    // What comes of them is no more, and with its note fits one transaction.
    private const int MostBytes = 1_500_000;

    private readonly SearchBlockMerger _merger = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<string> _keys = [];
    private int _bytes;

    /// <summary>True when what was gathered has to be finished before there is room for another block.</summary>
    public bool IsFull => _bytes + LargeBlockBytes > MostBytes || _keys.Count == MergeNote.MaxSources;

    /// <summary>The bytes of the blocks gathered.</summary>
    public int Bytes => _bytes;

    /// <summary>The keys of the blocks gathered.</summary>
    public IReadOnlyList<string> Sources => _keys;

    /// <summary>Adds a block.</summary>
    /// <exception cref="FrameFormatException">It is damaged, and was not added.</exception>
    public void Add(StoredRow row)
    {
        _merger.Add(row.Data);
        _keys.Add(row.RowKey);
        _bytes += row.Data.Length;
        _hash.AppendData(Encoding.UTF8.GetBytes(row.RowKey));
        _hash.AppendData(row.Data);
    }

    /// <summary>
    /// The rows that the gathered blocks become, and at last the note on it; empty where merging does not pay. The same blocks make
    /// the same keys, and never the key of one of themselves.
    /// </summary>
    public IReadOnlyList<StoredRow> Finish(string service, string partition, DateTimeOffset now)
    {
        if (_keys.Count < LeastBlocks)
            return [];
        var blocks = _merger.Finish(service);
        if (blocks.Count * LeastRowsSavedOf > _keys.Count)
            return [];
        var batch = BatchId.Merged(partition, _hash.GetCurrentHash());
        var rows = new List<StoredRow>();
        foreach (var block in blocks)
            rows.Add(new StoredRow(RowKeys.SearchOf(service, block.NewestStartNs, batch, rows.Count), block.Bytes.ToArray()));
        if (rows.Select(row => row.RowKey).Intersect(_keys).Any())
            return [];
        rows.Add(new MergeNote(now, _keys).ToRow(RowKeys.MergeNote(service, blocks[0].NewestStartNs, batch), RowKeys.SearchPrefix(service)));
        var fits = rows.Count <= TableStorage.MaxOperations && rows.Sum(row => row.Data.Length) <= TableStorage.MaxTransactionBytes;
        return fits ? rows : [];
    }

    /// <summary>Forgets all blocks.</summary>
    public void Reset()
    {
        _merger.Reset();
        _keys.Clear();
        _bytes = 0;
        _ = _hash.GetHashAndReset();
    }

    public void Dispose() => _hash.Dispose();
}
