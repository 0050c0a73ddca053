namespace Serverless.Tracing.Search;

/// <summary>A digest as it was read from a block, to be written into another: what the block knew of it, no more.</summary>
internal sealed class MergedDigest
{
    // A digest that is united of others still fits a block by itself, and matches by chance no more often than they did.
    private const int MostUnitedTerms = 4_096;

    private const ulong HourUs = SearchBlock.MaxSpanOfStartsNs / SearchBlockFormat.NanosecondsPerMicrosecond;

    public ulong TraceLow { get; init; }

    public DigestFlags Flags { get; private set; }

    /// <summary>The newest start in microseconds, rounded up.</summary>
    public ulong NewestUs { get; private set; }

    /// <summary>Codes, as stored: of the microseconds from the oldest start to the newest, of the shortest and of the longest duration.</summary>
    public byte Spread { get; private set; }

    public byte Shortest { get; private set; }

    public byte Longest { get; private set; }

    /// <summary>The numbers of its groups and operations among all that are merged.</summary>
    public int[] Groups { get; private set; } = [];

    public int[] Operations { get; private set; } = [];

    /// <summary>The high halves of terms.</summary>
    public uint[] Terms { get; private set; } = [];

    /// <summary>The low bits of further terms: how many bits each, their number says (<see cref="SearchBlockFormat.FingerprintBytes"/>).</summary>
    public uint[] Fingerprints { get; private set; } = [];

    /// <summary>
    /// The hour in which its spans start: digests are made per hour (<see cref="SearchDigestCollector.Finish"/>). A newest start that is
    /// a full hour counts to the hour before, for it may have been rounded up.
    /// </summary>
    public ulong Hour => (Math.Max(NewestUs, 1) - 1) / HourUs;

    /// <summary>No start is older: the spread, which is rounded up, does not reach beyond the hour.</summary>
    public ulong OldestUs
    {
        get
        {
            var spread = Spread == SearchBlockFormat.HighestCode ? ulong.MaxValue : SearchBlockFormat.ValueOf(Spread);
            return Math.Max(NewestUs - Math.Min(spread, NewestUs), Hour * HourUs);
        }
    }

    public void SetNumbers(DigestFlags flags, ulong newestUs, byte spread, byte shortest, byte longest) =>
        (Flags, NewestUs, Spread, Shortest, Longest) = (flags, newestUs, spread, shortest, longest);

    public void SetLists(int[] groups, int[] operations, uint[] terms, uint[] fingerprints) =>
        (Groups, Operations, Terms, Fingerprints) = (groups, operations, terms, fingerprints);

    /// <summary>Gives up the lists: the digest then may be anything, and matches whatever it matched.</summary>
    public void Simplify()
    {
        Flags |= DigestFlags.AnyTag | DigestFlags.AnyOperation;
        SetLists([], [], [], []);
    }

    /// <summary>
    /// Takes in another digest of the same trace and hour, unless that cannot be done without changing what is known of either's terms:
    /// fingerprints of few bits may not become many, those of many bits may not become few.
    /// </summary>
    public bool TryUnite(MergedDigest other)
    {
        if ((Flags & DigestFlags.NoStart) != (other.Flags & DigestFlags.NoStart))
            return false;
        var flags = Flags | other.Flags;
        var (groups, terms, fingerprints) = (Union(Groups, other.Groups), Union(Terms, other.Terms), Union(Fingerprints, other.Fingerprints));
        var operations = Union(Operations, other.Operations);
        if ((flags & DigestFlags.AnyTag) != 0)
            (groups, terms, fingerprints) = ([], [], []);
        else if (!KeepsBits(Fingerprints, fingerprints) || !KeepsBits(other.Fingerprints, fingerprints))
            return false;
        if ((flags & DigestFlags.AnyOperation) != 0)
            operations = [];
        if (terms.Length + fingerprints.Length > MostUnitedTerms
            || groups.Length > DigestStore.MaxGroupsOrOperations || operations.Length > DigestStore.MaxGroupsOrOperations)
            return false;
        var newest = Math.Max(NewestUs, other.NewestUs);
        var spread = SearchBlockFormat.CodeAbove(newest - Math.Min(OldestUs, other.OldestUs));
        SetNumbers(flags, newest, spread, Math.Min(Shortest, other.Shortest), Math.Max(Longest, other.Longest));
        SetLists(groups, operations, terms, fingerprints);
        return true;
    }

    private static bool KeepsBits(uint[] before, uint[] after) =>
        before.Length == 0 || SearchBlockFormat.FingerprintBytes(before.Length) == SearchBlockFormat.FingerprintBytes(after.Length);

    private static T[] Union<T>(T[] a, T[] b)
        where T : IComparable<T>
    {
        if (a.Length == 0 || b.Length == 0 || a.AsSpan().SequenceEqual(b))
            return a.Length == 0 ? b : a;
        T[] both = [.. a, .. b];
        Array.Sort(both);
        var count = 1;
        for (var i = 1; i < both.Length; i++)
        {
            if (both[i].CompareTo(both[i - 1]) != 0)
                both[count++] = both[i];
        }

        return both[..count];
    }
}
