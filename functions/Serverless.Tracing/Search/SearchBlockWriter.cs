using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Search;

/// <summary>Writes the digests of a service into blocks (<see cref="SearchBlockFormat"/>). Keeps its memory.</summary>
internal sealed class SearchBlockWriter(DigestStore store)
{
    // A block that turns out too large is written again in halves; these keep that rare.
    private const int MaxDigestsPerBlock = 4_096;
    private const int GuessedBytesPerTerm = 2;
    private const int GuessedBytesPerDigest = 20;

    private readonly ByteSink _packed = new();
    private readonly ByteSink _loose = new();
    private readonly ByteSink _body = new();
    private readonly ByteSink _fingerprints = new();
    private readonly SearchBlockPacker _packer = new();
    private readonly TermSketch _sketch = new();
    private readonly TermTable _table = new();
    private readonly ItemPool<int> _terms = new();
    private readonly ItemPool<uint> _singles = new();
    private readonly ItemPool<int> _groups = new();
    private readonly ItemPool<int> _operations = new();
    private readonly ItemPool<(int Terms, int Singles, int Groups, int Operations)> _ends = new();
    private readonly ItemPool<int> _blockGroups = new();
    private readonly ItemPool<int> _blockOperations = new();
    private readonly ItemPool<uint> _blockTerms = new();
    private ulong[] _keys = [];
    private int[] _digests = [];
    private int _block;
    private int _digest;

    /// <summary>Adds the blocks of a service to a list, newest first.</summary>
    public void Write(int service, string serviceKey, List<SearchBlock> blocks)
    {
        var count = Sort(service);
        for (var first = 0; first < count;)
        {
            var next = EndOfBlock(first, count);
            Write(_digests.AsSpan(first, next - first), serviceKey, blocks);
            first = next;
        }
    }

    private int Sort(int service)
    {
        ref readonly var owner = ref store.Services[service];
        if (_digests.Length < owner.Digests)
        {
            _digests = new int[owner.Digests * 2];
            _keys = new ulong[owner.Digests * 2];
        }

        var count = 0;
        for (var next = owner.FirstDigest; next != 0; count++)
        {
            ref readonly var digest = ref store.Digests[next - 1];
            _digests[count] = next - 1;
            _keys[count] = ~digest.NewestStartNs;
            next = digest.NextOfService;
        }

        Array.Sort(_keys, _digests, 0, count);
        return count;
    }

    private int EndOfBlock(int first, int count)
    {
        var newest = store.Digests[_digests[first]].NewestStartNs;
        var guess = 0;
        var next = first;
        for (; next < count && next - first < MaxDigestsPerBlock; next++)
        {
            ref readonly var digest = ref store.Digests[_digests[next]];
            guess += GuessedBytesPerDigest + (digest.Terms * GuessedBytesPerTerm);
            if (next > first && (guess > SearchBlock.MaxBytes || newest - digest.OldestStartNs > SearchBlock.MaxSpanOfStartsNs))
                break;
        }

        return next;
    }

    private void Write(ReadOnlySpan<int> digests, string serviceKey, List<SearchBlock> blocks)
    {
        if (!TryEncode(digests, out var bytes))
        {
            if (digests.Length > 1)
            {
                Write(digests[..(digests.Length / 2)], serviceKey, blocks);
                Write(digests[(digests.Length / 2)..], serviceKey, blocks);
                return;
            }

            store.Digests[digests[0]].Flags |= DigestFlags.AnyTag | DigestFlags.AnyOperation;
            TryEncode(digests, out bytes);
        }

        var oldest = ulong.MaxValue;
        foreach (var digest in digests)
            oldest = Math.Min(oldest, store.Digests[digest].OldestStartNs);
        blocks.Add(new SearchBlock(serviceKey, store.Digests[digests[0]].NewestStartNs, oldest, digests.Length, bytes));
    }

    private bool TryEncode(ReadOnlySpan<int> digests, out byte[] bytes)
    {
        _block++;
        Gather(digests);
        WriteColumns(digests);
        var newestUs = SearchBlockFormat.MicrosecondsAbove(store.Digests[digests[0]].NewestStartNs);
        return _packer.TryPack(digests.Length, newestUs, _packed, _loose, out bytes);
    }

    /// <summary>Lists what each digest has, each thing once, and counts in how many digests of the block a term is.</summary>
    private void Gather(ReadOnlySpan<int> digests)
    {
        _table.Reset();
        _terms.TruncateTo(0);
        _singles.TruncateTo(0);
        _groups.TruncateTo(0);
        _operations.TruncateTo(0);
        _ends.TruncateTo(0);
        _blockGroups.TruncateTo(0);
        _blockOperations.TruncateTo(0);
        Count(digests);
        foreach (var number in digests)
        {
            ref var digest = ref store.Digests[number];
            _digest++;
            GatherTerms(ref digest);
            for (var next = digest.FirstItem; next != 0;)
            {
                ref readonly var item = ref store.Items[next - 1];
                GatherItem(item, digest.Flags);
                next = item.Next;
            }

            _ends.Add() = (_terms.Count, _singles.Count, _groups.Count, _operations.Count);
        }
    }

    private void Count(ReadOnlySpan<int> digests)
    {
        var terms = 0L;
        foreach (var number in digests)
            terms += store.Digests[number].Terms;
        _sketch.Reset((int)Math.Min(terms, int.MaxValue));
        foreach (var number in digests)
        {
            for (var next = store.Digests[number].FirstRun; next != 0; next = store.Runs[next - 1].Next)
            {
                ref readonly var run = ref store.Runs[next - 1];
                for (var i = run.First; i < run.First + run.Count; i++)
                    _sketch.Add(store.Terms[i]);
            }
        }
    }

    private void GatherTerms(ref Digest digest)
    {
        if ((digest.Flags & DigestFlags.AnyTag) != 0)
            return;
        var (terms, singles) = (_terms.Count, _singles.Count);
        for (var next = digest.FirstRun; next != 0; next = store.Runs[next - 1].Next)
        {
            ref readonly var run = ref store.Runs[next - 1];
            for (var i = run.First; i < run.First + run.Count; i++)
                GatherTerm(store.Terms[i]);
        }

        if (_terms.Count - terms + _singles.Count - singles <= DigestStore.MaxTerms)
            return;
        digest.Flags |= DigestFlags.AnyTag;
        _terms.TruncateTo(terms);
        _singles.TruncateTo(singles);
    }

    private void GatherTerm(ulong hash)
    {
        if (!_sketch.MayRepeat(hash))
        {
            _singles.Add() = (uint)hash;
            return;
        }

        var id = _table.Add(hash);
        ref var term = ref _table[id];
        if (term.LastDigest == _digest)
            return;
        term.LastDigest = _digest;
        term.Digests++;
        _terms.Add() = id;
    }

    private void GatherItem(in DigestItem item, DigestFlags flags)
    {
        if (item.IsOperation)
        {
            if ((flags & DigestFlags.AnyOperation) != 0)
                return;
            ref var operation = ref store.Operations[item.Id];
            if (!operation.Use.EnterDigest(_digest))
                return;
            if (operation.Use.EnterBlock(_block))
            {
                operation.Use.Index = _blockOperations.Count;
                _blockOperations.Add() = item.Id;
            }

            _operations.Add() = operation.Use.Index;
            return;
        }

        if ((flags & DigestFlags.AnyTag) != 0)
            return;
        ref var group = ref store.Groups[item.Id];
        if (!group.Use.EnterDigest(_digest))
            return;
        if (group.Use.EnterBlock(_block))
        {
            group.Use.Index = _blockGroups.Count;
            _blockGroups.Add() = item.Id;
            // The terms of a group are always listed in the block, however few digests have them.
            for (var i = group.First; i < group.First + group.Count; i++)
                _table[_table.Add(store.GroupTerms[i])].Digests += 2;
        }

        _groups.Add() = group.Use.Index;
    }

    private void WriteColumns(ReadOnlySpan<int> digests)
    {
        _packed.Reset();
        _loose.Reset();
        _body.Reset();
        _fingerprints.Reset();
        _blockTerms.TruncateTo(0);
        WriteGroups(_body);
        WriteOperations(_body);
        WriteNumbers(_body, digests);
        WriteLists(_body);

        _packed.Varint(_blockTerms.Count);
        _packed.Bytes(_body.Written);
        foreach (var number in digests)
            _loose.Fixed64(store.Digests[number].TraceLow);
        for (var i = 0; i < _blockTerms.Count; i++)
            _loose.Fixed32(_blockTerms[i]);
        for (var i = 0; i < _blockOperations.Count; i++)
            _loose.Fixed32(store.Operations[_blockOperations[i]].LowerNameHash);
        _loose.Bytes(_fingerprints.Written);
    }

    private void WriteGroups(ByteSink to)
    {
        to.Varint(_blockGroups.Count);
        for (var i = 0; i < _blockGroups.Count; i++)
        {
            ref readonly var group = ref store.Groups[_blockGroups[i]];
            to.Varint(group.Count);
            for (var t = 0; t < group.Count; t++)
                to.Varint(IndexOf(ref _table[_table.Add(store.GroupTerms[group.First + t])]));
        }
    }

    private void WriteOperations(ByteSink to)
    {
        to.Varint(_blockOperations.Count);
        for (var i = 0; i < _blockOperations.Count; i++)
            to.Byte((byte)store.Operations[_blockOperations[i]].Kind);
    }

    private void WriteNumbers(ByteSink to, ReadOnlySpan<int> digests)
    {
        foreach (var number in digests)
            to.Byte((byte)store.Digests[number].Flags);
        var before = SearchBlockFormat.MicrosecondsAbove(store.Digests[digests[0]].NewestStartNs);
        foreach (var number in digests)
        {
            var newest = SearchBlockFormat.MicrosecondsAbove(store.Digests[number].NewestStartNs);
            to.Varint(before - newest);
            before = newest;
        }

        foreach (var number in digests)
        {
            ref readonly var digest = ref store.Digests[number];
            var newest = SearchBlockFormat.MicrosecondsAbove(digest.NewestStartNs);
            to.Byte(SearchBlockFormat.CodeAbove(newest - (digest.OldestStartNs / SearchBlockFormat.NanosecondsPerMicrosecond)));
        }

        foreach (var number in digests)
            to.Byte(SearchBlockFormat.CodeBelow((ulong)store.Digests[number].ShortestNs / SearchBlockFormat.NanosecondsPerMicrosecond));
        foreach (var number in digests)
            to.Byte(SearchBlockFormat.CodeAbove(SearchBlockFormat.MicrosecondsAbove((ulong)store.Digests[number].LongestNs)));
    }

    private void WriteLists(ByteSink to)
    {
        var from = 0;
        for (var i = 0; i < _ends.Count; from = _ends[i++].Groups)
            WriteList(to, _groups, from, _ends[i].Groups);
        from = 0;
        for (var i = 0; i < _ends.Count; from = _ends[i++].Operations)
            WriteList(to, _operations, from, _ends[i].Operations);
        from = 0;
        for (var i = 0; i < _ends.Count; from = _ends[i++].Terms)
            WriteSharedTerms(to, from, _ends[i].Terms);
        var (terms, singles) = (0, 0);
        for (var i = 0; i < _ends.Count; i++)
        {
            WriteFingerprints(to, terms, _ends[i].Terms, singles, _ends[i].Singles);
            (terms, singles) = (_ends[i].Terms, _ends[i].Singles);
        }
    }

    private static void WriteList(ByteSink to, ItemPool<int> items, int from, int end)
    {
        to.Varint(end - from);
        for (; from < end; from++)
            to.Varint(items[from]);
    }

    private void WriteSharedTerms(ByteSink to, int from, int end)
    {
        var shared = 0;
        for (var i = from; i < end; i++)
            shared += _table[_terms[i]].Digests > 1 ? 1 : 0;
        to.Varint(shared);
        for (var i = from; i < end; i++)
        {
            ref var term = ref _table[_terms[i]];
            if (term.Digests > 1)
                to.Varint(IndexOf(ref term));
        }
    }

    private void WriteFingerprints(ByteSink to, int term, int endOfTerms, int single, int endOfSingles)
    {
        var count = endOfSingles - single;
        for (var i = term; i < endOfTerms; i++)
            count += _table[_terms[i]].Digests == 1 ? 1 : 0;
        to.Varint(count);
        var isLong = SearchBlockFormat.FingerprintBytes(count) == SearchBlockFormat.LongFingerprintBytes;
        for (; single < endOfSingles; single++)
            WriteFingerprint(_singles[single], isLong);
        for (; term < endOfTerms; term++)
        {
            ref readonly var repeated = ref _table[_terms[term]];
            if (repeated.Digests == 1)
                WriteFingerprint((uint)repeated.Hash, isLong);
        }
    }

    private void WriteFingerprint(uint hash, bool isLong)
    {
        _fingerprints.Byte((byte)hash);
        _fingerprints.Byte((byte)(hash >> 8));
        if (isLong)
            _fingerprints.Byte((byte)(hash >> 16));
    }

    private int IndexOf(ref Term term)
    {
        if (term.Index < 0)
        {
            term.Index = _blockTerms.Count;
            _blockTerms.Add() = (uint)(term.Hash >> 32);
        }

        return term.Index;
    }
}
