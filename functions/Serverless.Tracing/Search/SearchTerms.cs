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

    public static readonly ulong ErrorKeyHash = TextHash(ErrorKey);
    public static readonly ulong PeerServiceKeyHash = TextHash(PeerServiceKey);
    public static readonly ulong ScopeNameKeyHash = TextHash(ScopeNameKey);
    public static readonly ulong ScopeVersionKeyHash = TextHash(ScopeVersionKey);

    /// <summary>The bytes of the lowest 64-bit integer.</summary>
    private const int MostIntegerBytes = 20;

    private const ulong KeySalt = 0xA0761D6478BD642F;
    private const ulong ValueSalt = 0xE7037ED1A0B428DB;
    private const ulong ExistsSalt = 0x8EBC6AF09C88C6E3;
    private const ulong IntegerSalt = 0x1D8E4E27C47D124F;
    private const ulong RemoteSalt = 0x589965CC75374CC3;

    private static readonly ulong TrueHash = TextHash("true");
    private static readonly ulong FalseHash = TextHash("false");
    private static readonly ulong EmptyHash = TextHash("");

    /// <summary>A key with a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pair(ulong keyHash, ulong valueHash) => Mix(keyHash ^ KeySalt, valueHash ^ ValueSalt);

    /// <summary>A key with any value, or an event of that name.</summary>
    public static ulong Exists(ulong keyHash) => Mix(keyHash ^ KeySalt, ExistsSalt);

    /// <summary>The other side of a call, by the hash of its lower-cased name.</summary>
    public static ulong Remote(ulong lowerNameHash) => Mix(lowerNameHash ^ ValueSalt, RemoteSalt);

    /// <summary>
    /// The hash of a key, a name or a value. The text of an integer has that integer's hash, so that integers, which are mostly unique, need
    /// not be written out as digits.
    /// </summary>
    public static ulong TextHash(ReadOnlySpan<byte> utf8) =>
        !utf8.IsEmpty && (char.IsAsciiDigit((char)utf8[0]) || utf8[0] == '-') && IsInteger(utf8, out var integer)
            ? IntegerHash(integer)
            : StableHash.Of(utf8);

    /// <summary>The hash of a text, as of its UTF-8 bytes.</summary>
    public static ulong TextHash(string text) =>
        text.Length <= MostIntegerBytes && Ascii.IsValid(text) ? TextHash(Encoding.ASCII.GetBytes(text)) : StableHash.Of(text);

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
                return IntegerHash(attribute.Bits);
            case AttributeType.Double:
                Span<byte> number = stackalloc byte[32];
                BitConverter.Int64BitsToDouble(attribute.Bits).TryFormat(number, out var length, "R", CultureInfo.InvariantCulture);
                return TextHash(number[..length]);
            case AttributeType.String:
                return TextHash(reader.Text((int)attribute.Bits));
            case AttributeType.Bytes:
                return TextHash(Convert.ToBase64String(reader.Text((int)attribute.Bits)));
            default:
                return TextHash(NestedValueReader.Read(attribute.Type, reader.Text((int)attribute.Bits)).ToString());
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

    private static ulong IntegerHash(long value) => Mix((ulong)value ^ IntegerSalt, ValueSalt);

    /// <summary>True for the digits that an integer is written with: no sign but a minus, no zeros in front, 64 bits.</summary>
    private static bool IsInteger(ReadOnlySpan<byte> utf8, out long value)
    {
        value = 0;
        var digits = utf8[0] == '-' ? utf8[1..] : utf8;
        return utf8.Length <= MostIntegerBytes
            && !digits.IsEmpty && (digits[0] != '0' || utf8.Length == 1)
            && Utf8Parser.TryParse(utf8, out value, out int read) && read == utf8.Length;
    }

    /// <summary>Folds a 128-bit product, as wyhash does with its secrets as salts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
