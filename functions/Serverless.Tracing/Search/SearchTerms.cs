using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Search;

/// <summary>
/// The terms that a search block is asked for: 64-bit hashes that say "the key has this value", "the key is there", "the other side is
/// this service". Stored, so their making must never change.
/// </summary>
internal static class SearchTerms
{
    public const string ErrorKey = "error";
    public const string PeerServiceKey = "peer.service";
    public const string ScopeNameKey = "scope.name";
    public const string ScopeVersionKey = "scope.version";

    public static readonly ulong ErrorKeyHash = StableHash.Of(ErrorKey);
    public static readonly ulong PeerServiceKeyHash = StableHash.Of(PeerServiceKey);
    public static readonly ulong ScopeNameKeyHash = StableHash.Of(ScopeNameKey);
    public static readonly ulong ScopeVersionKeyHash = StableHash.Of(ScopeVersionKey);

    private const ulong KeySalt = 0xA0761D6478BD642F;
    private const ulong ValueSalt = 0xE7037ED1A0B428DB;
    private const ulong ExistsSalt = 0x8EBC6AF09C88C6E3;
    private const ulong RemoteSalt = 0x589965CC75374CC3;

    private static readonly ulong TrueHash = StableHash.Of("true");
    private static readonly ulong FalseHash = StableHash.Of("false");
    private static readonly ulong EmptyHash = StableHash.Of("");

    /// <summary>A key with a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pair(ulong keyHash, ulong valueHash) => Mix(keyHash ^ KeySalt, valueHash ^ ValueSalt);

    /// <summary>A key with any value, or an event of that name.</summary>
    public static ulong Exists(ulong keyHash) => Mix(keyHash ^ KeySalt, ExistsSalt);

    /// <summary>The other side of a call, by the hash of its lower-cased name.</summary>
    public static ulong Remote(ulong lowerNameHash) => Mix(lowerNameHash ^ ValueSalt, RemoteSalt);

    /// <summary>The hash of a value's text (<see cref="AttributeValue.ToString"/>) that is no text itself.</summary>
    public static ulong ValueHash(FrameReader reader, in FrameAttribute attribute)
    {
        switch (attribute.Type)
        {
            case AttributeType.Empty:
                return EmptyHash;
            case AttributeType.True:
                return TrueHash;
            case AttributeType.False:
                return FalseHash;
            case AttributeType.Int64:
                Span<byte> digits = stackalloc byte[20];
                Utf8Formatter.TryFormat(attribute.Bits, digits, out var length);
                return StableHash.Of(digits[..length]);
            case AttributeType.Double:
                Span<byte> number = stackalloc byte[32];
                BitConverter.Int64BitsToDouble(attribute.Bits).TryFormat(number, out length, "R", CultureInfo.InvariantCulture);
                return StableHash.Of(number[..length]);
            case AttributeType.String:
                return StableHash.Of(reader.Text((int)attribute.Bits));
            case AttributeType.Bytes:
                return StableHash.Of(Convert.ToBase64String(reader.Text((int)attribute.Bits)));
            default:
                return StableHash.Of(NestedValueReader.Read(attribute.Type, reader.Text((int)attribute.Bits)).ToString());
        }
    }

    /// <summary>True where an attribute <c>error</c> says that there was none.</summary>
    public static bool SaysNoError(FrameReader reader, in FrameAttribute attribute) =>
        attribute.Type == AttributeType.False
        || (attribute.Type == AttributeType.String && reader.Text((int)attribute.Bits).SequenceEqual("false"u8));

    /// <summary>A name in lower case, as Zipkin compares names.</summary>
    public static byte[] Lower(ReadOnlySpan<byte> utf8)
    {
        if (!Ascii.IsValid(utf8))
            return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(utf8).ToLowerInvariant());
        var lower = new byte[utf8.Length];
        Ascii.ToLower(utf8, lower, out _);
        return lower;
    }

    /// <summary>Folds a 128-bit product, as wyhash does with its secrets as salts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
