namespace Serverless.Tracing.Search;

/// <summary>A term, a group of terms or an operation of a digest.</summary>
internal struct DigestItem
{
    public const int Term = 0;
    public const int Group = 1;
    public const int Operation = 2;

    private const int KindBits = 2;

    private int _value;

    /// <summary>The next item of the digest plus one, or 0.</summary>
    public int Next;

    public readonly int Kind => _value & ((1 << KindBits) - 1);

    public readonly int Id => _value >> KindBits;

    public void Set(int kind, int id) => _value = (id << KindBits) | kind;
}
