using System.Buffers.Binary;
using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Search;

/// <summary>Asks search blocks (<see cref="SearchBlockFormat"/>) a query. Keeps its memory; used by one search at a time.</summary>
/// <remarks>What it finds may not match, for a digest is a summary; what matches is always found.</remarks>
public sealed class SearchBlockReader
{
    private readonly SearchBlockOpener _opener = new();
    private ulong[] _conditions = [];
    private ulong[] _newestUs = [];
    private ulong[] _oldestUs = [];
    private ulong[] _terms = [];
    private ulong[] _groups = [];
    private ulong[] _operations = [];

    /// <summary>Adds the digests of a block that may match to a list, newest first.</summary>
    /// <remarks>
    /// Those that may satisfy some condition, for other digests of the trace may satisfy the others: other spans of the trace where different spans may,
    /// other parts of the same span where it was reported in parts. A <see cref="CandidateCollector"/> puts them together.
    /// </remarks>
    /// <param name="block">The block.</param>
    /// <param name="filter">The query.</param>
    /// <param name="hits">The list that is added to.</param>
    /// <param name="given">Conditions that every digest of the block satisfies by being there (<see cref="SearchFilter.GivenBy"/>).</param>
    /// <returns>How many digests the block has.</returns>
    /// <exception cref="FrameFormatException">The block is damaged.</exception>
    public int FindCandidates(ReadOnlyMemory<byte> block, SearchFilter filter, ICollection<SearchHit> hits, ulong given = 0)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(hits);
        _opener.Open(block, out var count, out var newestUs, out var packed, out var loose);
        Grow(ref _conditions, count);
        Grow(ref _newestUs, count);
        Grow(ref _oldestUs, count);
        var traces = loose.Bytes(count * SearchBlockFormat.LeastBytesPerDigest);
        ReadTables(ref packed, ref loose, filter, out var terms, out var groups, out var operations);
        ReadNumbers(ref packed, count, newestUs, filter);
        ReadLists(ref packed, count, _groups.AsSpan(0, groups));
        ReadLists(ref packed, count, _operations.AsSpan(0, operations));
        ReadLists(ref packed, count, _terms.AsSpan(0, terms));
        ReadFingerprints(ref packed, ref loose, count, filter);
        for (var i = 0; i < count; i++)
        {
            if (IsHit(_conditions[i] | given, filter) && (_conditions[i] & SearchFilter.InWindow) != 0)
                hits.Add(new SearchHit(
                    BinaryPrimitives.ReadUInt64LittleEndian(traces[(i * SearchBlockFormat.LeastBytesPerDigest)..]),
                    SearchBlockFormat.Nanoseconds(_newestUs[i]),
                    (_conditions[i] | given) & filter.AllConditions)
                {
                    OldestStartNs = SearchBlockFormat.Nanoseconds(_oldestUs[i]),
                });
        }

        return count;
    }

    private static bool IsHit(ulong conditions, SearchFilter filter)
    {
        var satisfied = conditions & filter.AllConditions;
        return satisfied != 0 || filter.AllConditions == 0;
    }

    /// <summary>Reads what the digests refer to, and notes which conditions each of it satisfies.</summary>
    private void ReadTables(
        ref ByteSource packed, ref ByteSource loose, SearchFilter filter, out int terms, out int groups, out int operations)
    {
        terms = packed.Index((loose.Remaining / 4) + 1);
        MatchTerms(loose.Bytes(terms * 4), filter);

        groups = packed.Count();
        Grow(ref _groups, groups);
        for (var i = 0; i < groups; i++)
        {
            var conditions = 0UL;
            for (var left = packed.Count(); left > 0; left--)
                conditions |= _terms[packed.Index(terms)];
            _groups[i] = conditions;
        }

        operations = packed.Index((loose.Remaining / 4) + 1);
        Grow(ref _operations, operations);
        for (var i = 0; i < operations; i++)
            _operations[i] = filter.OperationConditions(BinaryPrimitives.ReadUInt32LittleEndian(loose.Bytes(4)), packed.Byte());
    }

    private void MatchTerms(ReadOnlySpan<byte> hashes, SearchFilter filter)
    {
        var count = hashes.Length / 4;
        Grow(ref _terms, count);
        Array.Clear(_terms, 0, count);
        foreach (var check in filter.Checks)
        {
            foreach (var term in check.Terms)
            {
                var wanted = (uint)(term >> 32);
                for (var i = 0; i < count; i++)
                {
                    if (BinaryPrimitives.ReadUInt32LittleEndian(hashes[(i * 4)..]) == wanted)
                        _terms[i] |= check.Bit;
                }
            }
        }
    }

    private void ReadNumbers(ref ByteSource packed, int count, ulong newestUs, SearchFilter filter)
    {
        var flags = packed.Bytes(count);
        for (var i = 0; i < count; i++)
            _newestUs[i] = newestUs -= Math.Min(packed.Varint(), newestUs);
        var spread = packed.Bytes(count);
        var shortest = packed.Bytes(count);
        var longest = packed.Bytes(count);
        for (var i = 0; i < count; i++)
        {
            var digestFlags = (DigestFlags)flags[i];
            var hasStart = (digestFlags & DigestFlags.NoStart) == 0;
            var oldestUs = _newestUs[i] - Math.Min(SearchBlockFormat.ValueOf(spread[i]), _newestUs[i]);
            _oldestUs[i] = hasStart ? oldestUs : 0;
            // A part of a span that does not say when it began may belong to one that began at any time.
            var isInWindow = !hasStart || (oldestUs <= filter.StartMaxUs && _newestUs[i] >= filter.StartMinUs);
            _conditions[i] = isInWindow
                ? SearchFilter.InWindow | filter.FlagConditions(digestFlags) | filter.DurationConditions(shortest[i], longest[i])
                : 0;
        }
    }

    private void ReadLists(ref ByteSource packed, int count, ReadOnlySpan<ulong> conditionsOf)
    {
        for (var i = 0; i < count; i++)
        {
            var conditions = 0UL;
            for (var left = packed.Count(); left > 0; left--)
                conditions |= conditionsOf[packed.Index(conditionsOf.Length)];
            _conditions[i] |= conditions;
        }
    }

    private void ReadFingerprints(ref ByteSource packed, ref ByteSource loose, int count, SearchFilter filter)
    {
        for (var i = 0; i < count; i++)
        {
            var fingerprints = packed.Index(loose.Remaining + 1);
            var size = SearchBlockFormat.FingerprintBytes(fingerprints);
            var bytes = loose.Bytes(fingerprints * size);
            if ((_conditions[i] & SearchFilter.InWindow) == 0)
                continue;
            foreach (var check in filter.Checks)
            {
                foreach (var term in check.Terms)
                    _conditions[i] |= Contains(bytes, size, term) ? check.Bit : 0;
            }
        }
    }

    private static bool Contains(ReadOnlySpan<byte> fingerprints, int size, ulong term)
    {
        for (; fingerprints.Length >= size; fingerprints = fingerprints[size..])
        {
            if (fingerprints[0] == (byte)term && fingerprints[1] == (byte)(term >> 8)
                && (size == SearchBlockFormat.ShortFingerprintBytes || fingerprints[2] == (byte)(term >> 16)))
                return true;
        }

        return false;
    }

    private static void Grow(ref ulong[] items, int count)
    {
        if (items.Length < count)
            items = new ulong[Math.Max(count, items.Length * 2)];
    }
}
