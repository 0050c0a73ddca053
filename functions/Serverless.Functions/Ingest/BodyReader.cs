using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Serverless.Functions.Buffering;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Ingest;

/// <summary>Reads bodies: whole, decompressed, and within the bounds of size, memory and time that the settings give.</summary>
public sealed class BodyReader(TracingSettings settings, TimeProvider clock)
{
    private const int FirstBytes = 64 * 1024;

    /// <summary>What <c>Content-Encoding</c> may say.</summary>
    public const string Encodings = "gzip, deflate, br, identity";

    private static readonly TimeSpan LongestPeek = TimeSpan.FromMilliseconds(250);

    private const string FirstBytesKey = "Serverless.FirstBytes";

    private readonly PendingBytes _inFlight = new(settings.MaxBodyBytesInFlight);

    /// <summary>Reads the body of a request as it came; it counts as in flight until it is disposed.</summary>
    /// <exception cref="RefusedException">It is too large, too slow, broken or compressed in an unknown way.</exception>
    public async Task<RequestBody> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        var encoding = EncodingOf(request);
        // The announced length is what is reserved; an unannounced one is reserved as if it were the largest.
        var reserved = request.ContentLength ?? settings.MaxBodyBytes;
        if (reserved > settings.MaxBodyBytes)
            throw TooLarge(settings.MaxBodyBytes, "");
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = settings.MaxBodyBytes;
        if (!_inFlight.TryTake(reserved))
        {
            throw new RefusedException(
                StatusCodes.Status429TooManyRequests, LedgerReason.Overloaded,
                "Too many requests are being read; send the spans again later.", retryAfterSeconds: 1);
        }

        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using var timer = clock.CreateTimer(
                state => ((CancellationTokenSource)state!).Cancel(), deadline, TimeSpan.FromSeconds(settings.MaxBodySeconds), Timeout.InfiniteTimeSpan);
            var (bytes, length) = await ReadAsync(request, cancellation, deadline.Token);
            _inFlight.Release(reserved - length);
            return new RequestBody(bytes, length, encoding, () => _inFlight.Release(length));
        }
        catch
        {
            _inFlight.Release(reserved);
            throw;
        }
    }

    /// <summary>The first bytes of a body that could not be read to its end, as far as they came.</summary>
    internal static byte[] FirstBytesOf(Exception e) =>
        e.Data[FirstBytesKey] as byte[] ?? (e.InnerException is { } inner ? FirstBytesOf(inner) : []);

    /// <summary>The first bytes of the body of a request that is refused by its head alone; none where they do not come at once.</summary>
    internal static async Task<byte[]> PeekAsync(HttpRequest request, TimeProvider clock)
    {
        // Who waits to be asked for the body is spared sending it.
        if (request.Headers.Expect.Count > 0)
            return [];
        var bytes = new byte[LedgerSample.MostBytes];
        var length = 0;
        using var deadline = new CancellationTokenSource(LongestPeek, clock);
        try
        {
            while (length < bytes.Length && await request.Body.ReadAsync(bytes.AsMemory(length), deadline.Token) is > 0 and var read)
                length += read;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // What came is all that there is to look at.
        }

        return bytes[..length];
    }

    /// <summary>Decompresses a body.</summary>
    /// <param name="body">The body, which stays as it is.</param>
    /// <param name="slot">Lets one large body after the other pass.</param>
    /// <param name="cancellation">Ends the waiting for that.</param>
    /// <exception cref="RefusedException">It is not compressed as it says, or too large.</exception>
    internal async ValueTask<RequestBody> DecompressAsync(RequestBody body, DecodeSlots.Slot slot, CancellationToken cancellation)
    {
        await using Stream stream = body.Encoding switch
        {
            "gzip" => new GZipStream(body.AsStream(), CompressionMode.Decompress),
            "deflate" when IsZlib(body.Bytes) => new ZLibStream(body.AsStream(), CompressionMode.Decompress),
            "deflate" => new DeflateStream(body.AsStream(), CompressionMode.Decompress),
            _ => new BrotliStream(body.AsStream(), CompressionMode.Decompress),
        };
        try
        {
            var (bytes, length) = await ReadAsync(
                stream, body.Bytes.Length * 4L, settings.MaxDecodedBytes, " after decompression", slot, cancellation);
            return new RequestBody(bytes, length);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw new RefusedException(
                StatusCodes.Status400BadRequest, LedgerReason.Encoding, $"The body is not valid {body.Encoding}: {e.Message}");
        }
    }

    private async Task<(byte[] Bytes, int Length)> ReadAsync(HttpRequest request, CancellationToken cancellation, CancellationToken deadline)
    {
        try
        {
            return await ReadAsync(request.Body, request.ContentLength ?? FirstBytes, settings.MaxBodyBytes, "", slot: null, deadline);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new RefusedException(
                StatusCodes.Status408RequestTimeout, LedgerReason.Incomplete,
                $"The body did not arrive within {settings.MaxBodySeconds} s; send smaller requests, or look at the connection.", inner: e);
        }
        catch (BadHttpRequestException e)
        {
            throw e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge(settings.MaxBodyBytes, "", e)
                : new RefusedException(e.StatusCode, LedgerReason.Incomplete, $"The body broke off: {e.Message}", inner: e);
        }
        catch (IOException e)
        {
            // Nobody is left to read this, but it is counted, and is no fault of the system.
            throw new RefusedException(StatusCodes.Status400BadRequest, LedgerReason.Incomplete, $"The body broke off: {e.Message}", inner: e);
        }
    }

    /// <summary>The one encoding of the body, in lower case, or empty. A list of several is nothing that any sender of spans makes.</summary>
    private static string EncodingOf(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding.ToString().Trim();
        return encoding.ToLowerInvariant() switch
        {
            "" or "identity" => "",
            "gzip" or "x-gzip" => "gzip",
            "deflate" => "deflate",
            "br" => "br",
            _ => throw new RefusedException(
                StatusCodes.Status415UnsupportedMediaType, LedgerReason.Encoding,
                $"Content-Encoding '{encoding}' is not supported; use one of {Encodings}."),
        };
    }

    /// <summary>HTTP's deflate is zlib's format (RFC 9110 8.4.1.2), but some senders send the bare one.</summary>
    private static bool IsZlib(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 2 && (bytes[0] & 0x0F) == 8 && ((bytes[0] << 8) | bytes[1]) % 31 == 0;

    private static async Task<(byte[] Bytes, int Length)> ReadAsync(
        Stream stream, long expected, int limit, string when, DecodeSlots.Slot? slot, CancellationToken cancellation)
    {
        // One byte more than there may be tells a body that is too large; memory beyond it is never needed.
        var most = limit + 1L;
        var bytes = RequestBody.Rent((int)Math.Clamp(expected + 1, Math.Min(1024, most), slot is null ? most : Math.Min(DecodeSlots.LargeBytes, most)));
        var length = 0;
        try
        {
            while (true)
            {
                if (length == bytes.Length)
                {
                    if (slot is not null && length >= DecodeSlots.LargeBytes)
                    {
                        await slot.EnterLargeAsync(cancellation);
                        slot = null;
                    }

                    bytes = Grow(bytes, length, most);
                }

                var read = await stream.ReadAsync(bytes.AsMemory(length), cancellation);
                if (read == 0)
                    return (bytes, length);
                length += read;
                if (length > limit)
                    throw TooLarge(limit, when);
            }
        }
        catch (Exception e)
        {
            e.Data[FirstBytesKey] = bytes.AsSpan(0, Math.Min(length, LedgerSample.MostBytes)).ToArray();
            RequestBody.Return(bytes);
            throw;
        }
    }

    private static byte[] Grow(byte[] bytes, int used, long most)
    {
        var larger = RequestBody.Rent((int)Math.Min(bytes.Length * 2L, Math.Max(most, used + 1L)));
        bytes.AsSpan(0, used).CopyTo(larger);
        RequestBody.Return(bytes);
        return larger;
    }

    private static RefusedException TooLarge(int limit, string when, Exception? inner = null) => new(
        StatusCodes.Status413PayloadTooLarge, LedgerReason.TooLarge,
        $"The body has more than {limit} bytes{when}; send fewer spans in a request.", inner: inner);
}
