using System.Runtime.CompilerServices;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>
/// All digests of a batch, and what they share: terms, groups of terms (a resource's, a scope's, the keys of spans of one shape),
/// operations. Flat, and keeps its memory between batches.
/// </summary>
internal sealed class DigestStore
{
    /// <summary>How many distinct terms a digest lists; beyond that it says that there may be any.</summary>
    public const int MaxTerms = 12_000;

    /// <summary>How many terms, repeated ones included, are collected for a digest; beyond that it says that there may be any.</summary>
    public const int MaxCollectedTerms = 1 << 20;

    /// <summary>How many groups or operations a digest lists; beyond that it says that there may be any.</summary>
    public const int MaxGroupsOrOperations = 1_024;

    private const int LargestKept = 1 << 18;

    // Per process, so that nobody can prepare traces that share buckets, or keys that pass for others.
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64() | 1;

    private readonly IdTable _groupIds = new();
    private readonly IdTable _operationIds = new();
    private readonly IdTable _serviceIds = new();
    private int[] _buckets = new int[1024];
    private int _runOf;

    public ItemPool<Digest> Digests { get; } = new();

    public ItemPool<DigestItem> Items { get; } = new();

    /// <summary>The terms of digests, as <see cref="Runs"/> say; hashes (<see cref="SearchTerms"/>).</summary>
    public ItemPool<ulong> Terms { get; } = new();

    public ItemPool<TermRun> Runs { get; } = new();

    public ItemPool<TermGroup> Groups { get; } = new();

    /// <summary>The terms of groups, one group's after the other's.</summary>
    public ItemPool<ulong> GroupTerms { get; } = new();

    public ItemPool<Operation> Operations { get; } = new();

    public ItemPool<Service> Services { get; } = new();

    public void Reset()
    {
        _groupIds.Reset();
        _operationIds.Reset();
        _serviceIds.Reset();
        Digests.Reset(LargestKept);
        Items.Reset(LargestKept);
        Terms.Reset(LargestKept * 4);
        Runs.Reset(LargestKept);
        _runOf = -1;
        Groups.Reset(LargestKept);
        GroupTerms.Reset(LargestKept);
        Operations.Reset(LargestKept);
        Services.Reset(LargestKept);
        if (_buckets.Length > LargestKept)
            _buckets = new int[1024];
        else
            Array.Clear(_buckets);
    }

    /// <summary>The number of the service whose key has that name number.</summary>
    public int Service(int keyName)
    {
        if (_serviceIds.Add((ulong)keyName, out var id))
            Services.Add().KeyName = keyName;
        return id;
    }

    /// <summary>The number of the digest of a service, trace and hour.</summary>
    public int Digest(int service, ulong traceLow, ulong hour)
    {
        if (Digests.Count >= _buckets.Length)
            Grow();
        ref var bucket = ref _buckets[BucketOf(service, traceLow, hour)];
        for (var next = bucket; next != 0;)
        {
            ref readonly var other = ref Digests[next - 1];
            if (other.TraceLow == traceLow && other.Service == service && other.Hour == hour)
                return next - 1;
            next = other.NextInBucket;
        }

        ref var owner = ref Services[service];
        ref var digest = ref Digests.Add();
        digest.TraceLow = traceLow;
        digest.Service = service;
        digest.Hour = hour;
        digest.OldestStartNs = ulong.MaxValue;
        digest.ShortestNs = long.MaxValue;
        digest.NextInBucket = bucket;
        digest.NextOfService = owner.FirstDigest;
        owner.FirstDigest = bucket = Digests.Count;
        owner.Digests++;
        return Digests.Count - 1;
    }

    /// <summary>The number of a group that has that hash of its terms; true where it is new and gets its terms with <see cref="AddGroupTerm"/>.</summary>
    public bool Group(ulong termsHash, out int group)
    {
        if (!_groupIds.Add(termsHash ^ Seed, out group))
            return false;
        Groups.Add().First = GroupTerms.Count;
        return true;
    }

    /// <summary>Continues the hash of a group's terms.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong GroupHash(ulong hash, ulong term) => SearchTerms.Mix(hash + Seed, term ^ 0x589965CC75374CC3);

    /// <summary>Adds a term to the group that was added last.</summary>
    public void AddGroupTerm(ulong term)
    {
        GroupTerms.Add() = term;
        Groups[Groups.Count - 1].Count++;
    }

    /// <summary>The number of an operation of a service, both as name numbers; true where it is new.</summary>
    public bool Operation(int serviceName, int name, SpanKind kind, ulong lowerNameHash, out int operation)
    {
        if (!_operationIds.Add(((ulong)(uint)serviceName << 35) ^ ((ulong)(uint)name << 3) ^ (byte)kind, out operation))
            return false;
        ref var added = ref Operations.Add();
        added.ServiceName = serviceName;
        added.Name = name;
        added.Kind = kind;
        added.LowerNameHash = (uint)(lowerNameHash >> 32);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTerm(ref Digest digest, int number, ulong term)
    {
        if (_runOf != number)
            BeginRun(ref digest, number);
        if (digest.Terms++ >= MaxCollectedTerms)
        {
            digest.Flags |= DigestFlags.AnyTag;
            return;
        }

        Terms.Add() = term;
        Runs[digest.LastRun - 1].Count++;
    }

    /// <summary>Adds a group to a digest; false where it was the last one to get it.</summary>
    public bool AddGroup(ref Digest digest, int number, int group)
    {
        ref var last = ref Groups[group].LastDigest;
        if (last == number + 1)
            return false;
        last = number + 1;
        if (digest.Groups++ >= MaxGroupsOrOperations)
            digest.Flags |= DigestFlags.AnyTag;
        else
            AddItem(ref digest, group, isOperation: false);
        return true;
    }

    public void AddOperation(ref Digest digest, int number, int operation)
    {
        ref var last = ref Operations[operation].LastDigest;
        if (last == number + 1)
            return;
        last = number + 1;
        if (digest.Operations++ >= MaxGroupsOrOperations)
            digest.Flags |= DigestFlags.AnyOperation;
        else
            AddItem(ref digest, operation, isOperation: true);
    }

    private void BeginRun(ref Digest digest, int number)
    {
        _runOf = number;
        Runs.Add().First = Terms.Count;
        if (digest.LastRun == 0)
            digest.FirstRun = Runs.Count;
        else
            Runs[digest.LastRun - 1].Next = Runs.Count;
        digest.LastRun = Runs.Count;
    }

    private void AddItem(ref Digest digest, int id, bool isOperation)
    {
        ref var item = ref Items.Add();
        item.Id = id;
        item.IsOperation = isOperation;
        if (digest.LastItem == 0)
            digest.FirstItem = Items.Count;
        else
            Items[digest.LastItem - 1].Next = Items.Count;
        digest.LastItem = Items.Count;
    }

    private int BucketOf(int service, ulong traceLow, ulong hour) =>
        (int)SearchTerms.Mix(traceLow ^ Seed, 0x9E3779B97F4A7C15 ^ ((ulong)(uint)service << 32) ^ (hour << 1)) & (_buckets.Length - 1);

    private void Grow()
    {
        _buckets = new int[_buckets.Length * 4];
        for (var i = 0; i < Digests.Count; i++)
        {
            ref var digest = ref Digests[i];
            ref var bucket = ref _buckets[BucketOf(digest.Service, digest.TraceLow, digest.Hour)];
            digest.NextInBucket = bucket;
            bucket = i + 1;
        }
    }
}

/// <summary>Terms that go together, in many digests.</summary>
internal struct TermGroup
{
    public int First;
    public int Count;
    public int LastDigest;
    public bool HasErrorKey;
    public bool HasPeerServiceKey;
    public BlockUse Use;
}

/// <summary>A service's operation; names are numbers of the name table.</summary>
internal struct Operation
{
    public int ServiceName;
    public int Name;
    public int LastDigest;
    public uint LowerNameHash;
    public SpanKind Kind;
    public BlockUse Use;
}

/// <summary>A service of a batch.</summary>
internal struct Service
{
    public int KeyName;
    public int FirstDigest;
    public int Digests;
}
