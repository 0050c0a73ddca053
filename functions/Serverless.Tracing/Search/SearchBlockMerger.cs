using System.Buffers.Binary;
using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Search;

/// <summary>
/// Makes few large search blocks of many small ones of one service. Whatever a query finds in the sources it finds in what they become.
/// Keeps its memory; used for one merge at a time.
/// </summary>
/// <remarks>
/// Nothing is known of a term but what a source says: the high half of its hash where it listed it, the low 16 or 24 bits where it
/// had only a fingerprint. Both are taken over as they are, so that a merged block lists terms that one digest alone has, and a digest keeps
/// its fingerprints and their size: it matches by chance as often as before. Digests of the same trace and hour, as several
/// batches and replays leave them, are united where that keeps to this, else they stay side by side.
/// </remarks>
public sealed class SearchBlockMerger
{
    // Per process, so that nobody can prepare operations that share slots.
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    private readonly SearchBlockOpener _opener = new();
    private readonly List<MergedDigest> _digests = [];
    private readonly Dictionary<(ulong TraceLow, ulong Hour, bool NoStart), MergedDigest> _byTrace = [];
    private readonly IdTable _groupIds = new();
    private readonly IdTable _operationIds = new();
    private readonly List<uint[]> _groups = [];
    private readonly List<(uint LowerNameHash, byte Kind)> _operations = [];
    private readonly MergedBlockWriter _writer;

    /// <summary>A merger without blocks.</summary>
    public SearchBlockMerger() => _writer = new MergedBlockWriter(_groups, _operations);

    /// <summary>How many digests the blocks have, united ones counted once.</summary>
    public int Digests => _digests.Count;

    /// <summary>Forgets all blocks.</summary>
    public void Reset()
    {
        _digests.Clear();
        _byTrace.Clear();
        _groupIds.Reset();
        _operationIds.Reset();
        _groups.Clear();
        _operations.Clear();
    }

    /// <summary>Adds the digests of a block (<see cref="SearchBlock.Bytes"/>).</summary>
    /// <exception cref="FrameFormatException">The block is damaged; nothing of it was added.</exception>
    public void Add(ReadOnlyMemory<byte> block)
    {
        foreach (var digest in Read(block))
        {
            var key = (digest.TraceLow, digest.Hour, (digest.Flags & DigestFlags.NoStart) != 0);
            if (_byTrace.TryGetValue(key, out var same) && same.TryUnite(digest))
                continue;
            _byTrace[key] = digest;
            _digests.Add(digest);
        }
    }

    /// <summary>
    /// The blocks with all digests, newest first. Their newest starts are rounded up to a microsecond. The same blocks added in the same order
    /// make the same blocks.
    /// </summary>
    /// <param name="serviceKey">What the blocks say as their service's key.</param>
    public IReadOnlyList<SearchBlock> Finish(string serviceKey)
    {
        var newestFirst = _digests.OrderByDescending(digest => digest.NewestUs).ToArray();
        return _writer.Write(newestFirst, serviceKey);
    }

    private MergedDigest[] Read(ReadOnlyMemory<byte> block)
    {
        _opener.Open(block, out var count, out var newestUs, out var packed, out var loose);
        var traces = loose.Bytes(count * SearchBlockFormat.LeastBytesPerDigest);
        var digests = new MergedDigest[count];
        for (var i = 0; i < count; i++)
            digests[i] = new MergedDigest { TraceLow = BinaryPrimitives.ReadUInt64LittleEndian(traces[(i * SearchBlockFormat.LeastBytesPerDigest)..]) };

        var terms = new uint[packed.Index((loose.Remaining / 4) + 1)];
        for (var i = 0; i < terms.Length; i++)
            terms[i] = BinaryPrimitives.ReadUInt32LittleEndian(loose.Bytes(4));
        var groups = ReadGroups(ref packed, terms);
        var operations = ReadOperations(ref packed, ref loose);
        ReadNumbers(ref packed, newestUs, digests);

        var groupsOf = ReadLists(ref packed, count, groups);
        var operationsOf = ReadLists(ref packed, count, operations);
        var termsOf = ReadLists(ref packed, count, terms);
        for (var i = 0; i < count; i++)
            digests[i].SetLists(groupsOf[i], operationsOf[i], termsOf[i], ReadFingerprints(ref packed, ref loose));
        return digests;
    }

    private int[] ReadGroups(ref ByteSource packed, uint[] terms)
    {
        var groups = new int[packed.Count()];
        for (var i = 0; i < groups.Length; i++)
        {
            var group = ReadList(ref packed, terms);
            var hash = 1UL;
            foreach (var term in group)
                hash = DigestStore.GroupHash(hash, term);
            if (_groupIds.Add(hash, out groups[i]))
                _groups.Add(group);
        }

        return groups;
    }

    private int[] ReadOperations(ref ByteSource packed, ref ByteSource loose)
    {
        var operations = new int[packed.Index((loose.Remaining / 4) + 1)];
        for (var i = 0; i < operations.Length; i++)
        {
            var (name, kind) = (BinaryPrimitives.ReadUInt32LittleEndian(loose.Bytes(4)), packed.Byte());
            if (_operationIds.Add((((ulong)name << 8) | kind) ^ Seed, out operations[i]))
                _operations.Add((name, kind));
        }

        return operations;
    }

    private static void ReadNumbers(ref ByteSource packed, ulong newestUs, MergedDigest[] digests)
    {
        var count = digests.Length;
        var flags = packed.Bytes(count);
        var newest = new ulong[count];
        for (var i = 0; i < count; i++)
            newest[i] = newestUs -= Math.Min(packed.Varint(), newestUs);
        var spread = packed.Bytes(count);
        var shortest = packed.Bytes(count);
        var longest = packed.Bytes(count);
        for (var i = 0; i < count; i++)
            digests[i].SetNumbers((DigestFlags)flags[i], newest[i], spread[i], shortest[i], longest[i]);
    }

    private static T[][] ReadLists<T>(ref ByteSource packed, int count, T[] of)
    {
        var lists = new T[count][];
        for (var i = 0; i < count; i++)
            lists[i] = ReadList(ref packed, of);
        return lists;
    }

    private static T[] ReadList<T>(ref ByteSource packed, T[] of)
    {
        var length = packed.Count();
        if (length == 0)
            return [];
        var list = new T[length];
        for (var i = 0; i < length; i++)
            list[i] = of[packed.Index(of.Length)];
        return list;
    }

    private static uint[] ReadFingerprints(ref ByteSource packed, ref ByteSource loose)
    {
        var fingerprints = new uint[packed.Index(loose.Remaining + 1)];
        var size = SearchBlockFormat.FingerprintBytes(fingerprints.Length);
        var bytes = loose.Bytes(fingerprints.Length * size);
        for (var i = 0; i < fingerprints.Length; i++)
        {
            for (var b = 0; b < size; b++)
                fingerprints[i] |= (uint)bytes[(i * size) + b] << (b * 8);
        }

        return fingerprints;
    }
}
