using System.Buffers.Binary;
using System.Buffers.Text;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Api;

/// <summary>
/// Where a page of found traces ended. Pages are cut by key, the trace's earliest start and its id, so that traces that come later do not
/// shift them; the window of the first page holds for all.
/// </summary>
/// <remarks>
/// Opaque to callers: base64url of version, key, window, a hash of the filters, and what saves the next page from opening again all that the pages before have
/// opened: up to which moment that is settled, and the exceptions.
/// </remarks>
/// <param name="StartNs">The earliest start of the last trace of the page, in nanoseconds since 1970.</param>
/// <param name="TraceId">Its id.</param>
/// <param name="FromNs">The window's beginning.</param>
/// <param name="ToNs">The window's end.</param>
/// <param name="FilterHash">A hash of everything else that was asked.</param>
/// <param name="SettledNs">
/// A trace all of whose digests begin after this was opened for a page before, and belongs to no later one unless it is among <paramref name="Ahead"/>.
/// </param>
/// <param name="Ahead">The low halves of the ids of traces that were found and come behind the page, though their digests begin so late.</param>
internal sealed record SearchCursor(
    ulong StartNs, TraceId TraceId, ulong FromNs, ulong ToNs, ulong FilterHash, ulong SettledNs, IReadOnlyList<ulong> Ahead)
{
    /// <summary>How many traces ahead a cursor tells.</summary>
    public const int MostAhead = 64;

    private const byte Version = 1;
    private const int FixedBytes = 1 + (7 * sizeof(ulong)) + 1;

    /// <summary>Reads a cursor; null where it is none that was given out.</summary>
    public static SearchCursor? Read(string text)
    {
        if (text.Length > (FixedBytes + (MostAhead * sizeof(ulong))) * 2 || !Base64Url.IsValid(text))
            return null;
        ReadOnlySpan<byte> bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length < FixedBytes || bytes[0] != Version)
            return null;
        var numbers = bytes[1..];
        var ahead = bytes[FixedBytes - 1];
        var rest = bytes[FixedBytes..];
        if (ahead > MostAhead || rest.Length != ahead * sizeof(ulong))
            return null;
        var lows = new ulong[rest.Length / sizeof(ulong)];
        for (var i = 0; i < lows.Length; i++)
            lows[i] = BinaryPrimitives.ReadUInt64LittleEndian(rest[(i * sizeof(ulong))..]);
        return new SearchCursor(
            Number(numbers, 0), new TraceId(Number(numbers, 1), Number(numbers, 2)), Number(numbers, 3), Number(numbers, 4), Number(numbers, 5),
            Number(numbers, 6), lows);
    }

    /// <summary>The cursor as callers get it.</summary>
    public override string ToString()
    {
        var bytes = new byte[FixedBytes + (Ahead.Count * sizeof(ulong))];
        bytes[0] = Version;
        ReadOnlySpan<ulong> numbers = [StartNs, TraceId.High, TraceId.Low, FromNs, ToNs, FilterHash, SettledNs];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1 + (i * sizeof(ulong))), numbers[i]);
        bytes[FixedBytes - 1] = (byte)Ahead.Count;
        for (var i = 0; i < Ahead.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(FixedBytes + (i * sizeof(ulong))), Ahead[i]);
        return Base64Url.EncodeToString(bytes);
    }

    private static ulong Number(ReadOnlySpan<byte> numbers, int index) => BinaryPrimitives.ReadUInt64LittleEndian(numbers[(index * sizeof(ulong))..]);
}
