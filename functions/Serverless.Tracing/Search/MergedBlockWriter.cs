using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Search;

/// <summary>Writes digests that came from blocks into blocks again (<see cref="SearchBlockFormat"/>). Keeps its memory.</summary>
/// <param name="groups">The terms of each group, by its number.</param>
/// <param name="operations">Each operation, by its number.</param>
internal sealed class MergedBlockWriter(List<uint[]> groups, List<(uint LowerNameHash, byte Kind)> operations)
{
    private const int MaxDigestsPerBlock = 4_096;

    // A guess of what the compressed columns take; a block that turns out too large is written again with fewer digests.
    private const double GuessedCompression = 0.6;
    private const int ColumnBytesPerDigest = 11;
    private const double SmallerAgain = 0.8;

    private readonly ByteSink _columns = new();
    private readonly ByteSink _body = new();
    private readonly ByteSink _loose = new();
    private readonly SearchBlockPacker _packer = new();
    private readonly TermTable _terms = new();
    private readonly ItemPool<uint> _blockTerms = new();
    private readonly IdTable _groups = new();
    private readonly ItemPool<int> _blockGroups = new();
    private readonly IdTable _operations = new();
    private readonly ItemPool<int> _blockOperations = new();

    /// <summary>The blocks of some digests, both newest first.</summary>
    public List<SearchBlock> Write(ReadOnlySpan<MergedDigest> digests, string serviceKey)
    {
        var blocks = new List<SearchBlock>();
        while (!digests.IsEmpty)
        {
            var count = Guess(digests);
            byte[] bytes;
            while (!TryEncode(digests[..count], out bytes))
            {
                if (count == 1)
                    digests[0].Simplify();
                count = Math.Max(1, (int)(count * SmallerAgain));
            }

            var oldest = ulong.MaxValue;
            foreach (var digest in digests[..count])
                oldest = Math.Min(oldest, digest.OldestUs);
            blocks.Add(new SearchBlock(
                serviceKey, SearchBlockFormat.Nanoseconds(digests[0].NewestUs), SearchBlockFormat.Nanoseconds(oldest), count, bytes));
            digests = digests[count..];
        }

        return blocks;
    }

    /// <summary>How many of the digests fit a block, about, and start within an hour, exactly.</summary>
    private int Guess(ReadOnlySpan<MergedDigest> digests)
    {
        const ulong HourUs = SearchBlock.MaxSpanOfStartsNs / SearchBlockFormat.NanosecondsPerMicrosecond;
        BeginBlock();
        var (columns, loose) = (0, 0);
        var count = 0;
        for (; count < digests.Length && count < MaxDigestsPerBlock; count++)
        {
            var digest = digests[count];
            columns += ColumnBytesPerDigest + digest.Terms.Length + digest.Groups.Length + digest.Operations.Length;
            loose += SearchBlockFormat.LeastBytesPerDigest
                + (digest.Fingerprints.Length * SearchBlockFormat.FingerprintBytes(digest.Fingerprints.Length));
            foreach (var term in digest.Terms)
                NumberOf(term);
            var bytes = (columns * GuessedCompression) + loose + (_blockTerms.Count * 4);
            if (count > 0 && (bytes > SearchBlock.MaxBytes || digests[0].NewestUs - digest.OldestUs > HourUs))
                break;
        }

        return count;
    }

    private bool TryEncode(ReadOnlySpan<MergedDigest> digests, out byte[] bytes)
    {
        BeginBlock();
        _body.Reset();
        _columns.Reset();
        _loose.Reset();
        foreach (var digest in digests)
        {
            Gather(_groups, _blockGroups, digest.Groups);
            Gather(_operations, _blockOperations, digest.Operations);
        }

        WriteTables();
        WriteNumbers(digests);
        WriteLists(digests);
        _columns.Varint(_blockTerms.Count);
        _columns.Bytes(_body.Written);
        WriteLoose(digests);
        return _packer.TryPack(digests.Length, digests[0].NewestUs, _columns, _loose, out bytes);
    }

    private void BeginBlock()
    {
        _terms.Reset();
        _blockTerms.TruncateTo(0);
        _groups.Reset();
        _blockGroups.TruncateTo(0);
        _operations.Reset();
        _blockOperations.TruncateTo(0);
    }

    private static void Gather(IdTable ids, ItemPool<int> inBlock, int[] numbers)
    {
        foreach (var number in numbers)
        {
            if (ids.Add((ulong)number, out _))
                inBlock.Add() = number;
        }
    }

    private void WriteTables()
    {
        _body.Varint(_blockGroups.Count);
        for (var i = 0; i < _blockGroups.Count; i++)
            WriteTerms(groups[_blockGroups[i]]);
        _body.Varint(_blockOperations.Count);
        for (var i = 0; i < _blockOperations.Count; i++)
            _body.Byte(operations[_blockOperations[i]].Kind);
    }

    private void WriteNumbers(ReadOnlySpan<MergedDigest> digests)
    {
        foreach (var digest in digests)
            _body.Byte((byte)digest.Flags);
        var before = digests[0].NewestUs;
        foreach (var digest in digests)
        {
            _body.Varint(before - digest.NewestUs);
            before = digest.NewestUs;
        }

        foreach (var digest in digests)
            _body.Byte(digest.Spread);
        foreach (var digest in digests)
            _body.Byte(digest.Shortest);
        foreach (var digest in digests)
            _body.Byte(digest.Longest);
    }

    private void WriteLists(ReadOnlySpan<MergedDigest> digests)
    {
        foreach (var digest in digests)
            WriteNumbersOf(_groups, digest.Groups);
        foreach (var digest in digests)
            WriteNumbersOf(_operations, digest.Operations);
        foreach (var digest in digests)
            WriteTerms(digest.Terms);
        foreach (var digest in digests)
            _body.Varint(digest.Fingerprints.Length);
    }

    private void WriteNumbersOf(IdTable ids, int[] numbers)
    {
        _body.Varint(numbers.Length);
        foreach (var number in numbers)
        {
            ids.Add((ulong)number, out var id);
            _body.Varint(id);
        }
    }

    private void WriteTerms(uint[] terms)
    {
        _body.Varint(terms.Length);
        foreach (var term in terms)
            _body.Varint(NumberOf(term));
    }

    private int NumberOf(uint term)
    {
        var number = _terms.Add(term);
        if (number == _blockTerms.Count)
            _blockTerms.Add() = term;
        return number;
    }

    private void WriteLoose(ReadOnlySpan<MergedDigest> digests)
    {
        foreach (var digest in digests)
            _loose.Fixed64(digest.TraceLow);
        for (var i = 0; i < _blockTerms.Count; i++)
            _loose.Fixed32(_blockTerms[i]);
        for (var i = 0; i < _blockOperations.Count; i++)
            _loose.Fixed32(operations[_blockOperations[i]].LowerNameHash);
        foreach (var digest in digests)
        {
            var size = SearchBlockFormat.FingerprintBytes(digest.Fingerprints.Length);
            foreach (var fingerprint in digest.Fingerprints)
            {
                for (var b = 0; b < size; b++)
                    _loose.Byte((byte)(fingerprint >> (b * 8)));
            }
        }
    }
}
