using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Serverless.Functions.Buffering;

namespace Serverless.Functions.Ingest;

/// <summary>Reads bodies: whole, decompressed, and within the bounds of size, memory and time that the settings give.</summary>
public sealed class BodyReader(TracingSettings settings, TimeProvider clock)
{
    private const int FirstBytes = 64 * 1024;

    /// <summary>What <c>Content-Encoding</c> may say.</summary>
    public const string Encodings = "gzip, deflate, br, identity";

    private readonly PendingBytes _inFlight = new(settings.MaxBodyBytesInFlight);

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="RefusedException">It is too large, too slow, broken or compressed in an unknown way.</exception>
    public async Task<RequestBody> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        // The announced length is what is reserved; an unannounced one is reserved as if it were the largest.
        var announced = request.ContentLength ?? settings.MaxBodyBytes;
        if (announced > settings.MaxBodyBytes)
            throw TooLarge(settings.MaxBodyBytes, "");
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = settings.MaxBodyBytes;
        if (!_inFlight.TryTake(announced))
        {
            throw new RefusedException(
                StatusCodes.Status429TooManyRequests, RefusalReasons.Overloaded,
                "Too many requests are being read; send the spans again later.", retryAfterSeconds: 1);
        }

        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using var timer = clock.CreateTimer(
                state => ((CancellationTokenSource)state!).Cancel(), deadline, TimeSpan.FromSeconds(settings.MaxBodySeconds), Timeout.InfiniteTimeSpan);
            return await ReadAsync(request, announced, cancellation, deadline.Token);
        }
        finally
        {
            _inFlight.Release(announced);
        }
    }

    private async Task<RequestBody> ReadAsync(HttpRequest request, long announced, CancellationToken cancellation, CancellationToken deadline)
    {
        try
        {
            var encoding = request.Headers.ContentEncoding.ToString().Trim();
            if (encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
                return await ReadAsync(request.Body, request.ContentLength ?? FirstBytes, settings.MaxBodyBytes, "", deadline);
            using var compressed = await ReadAsync(request.Body, announced, settings.MaxBodyBytes, "", deadline);
            return Decompress(compressed, encoding);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new RefusedException(
                StatusCodes.Status408RequestTimeout, RefusalReasons.Incomplete,
                $"The body did not arrive within {settings.MaxBodySeconds} s; send smaller requests, or look at the connection.");
        }
        catch (BadHttpRequestException e)
        {
            throw e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge(settings.MaxBodyBytes, "")
                : new RefusedException(e.StatusCode, RefusalReasons.Incomplete, $"The body broke off: {e.Message}");
        }
    }

    private RequestBody Decompress(RequestBody compressed, string encoding)
    {
        // Copied, because the streams of the framework read from streams and not from spans.
        var source = new MemoryStream(compressed.Bytes.ToArray(), writable: false);
        Stream stream = encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(source, CompressionMode.Decompress),
            "deflate" => IsZlib(compressed.Bytes) ? new ZLibStream(source, CompressionMode.Decompress) : new DeflateStream(source, CompressionMode.Decompress),
            "br" => new BrotliStream(source, CompressionMode.Decompress),
            _ => throw new RefusedException(
                StatusCodes.Status415UnsupportedMediaType, RefusalReasons.Encoding,
                $"Content-Encoding '{encoding}' is not supported; use one of {Encodings}."),
        };
        using (stream)
        {
            try
            {
                var body = ReadAsync(
                    stream, compressed.Bytes.Length * 4L, settings.MaxDecodedBytes, " after decompression", CancellationToken.None);
                // Reading from memory completes where it is called.
                return body.GetAwaiter().GetResult();
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
            {
                throw new RefusedException(
                    StatusCodes.Status400BadRequest, RefusalReasons.Encoding, $"The body is not valid {encoding}: {e.Message}");
            }
        }
    }

    /// <summary>HTTP's deflate is zlib's format (RFC 9110 8.4.1.2), but some senders send the bare one.</summary>
    private static bool IsZlib(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 2 && (bytes[0] & 0x0F) == 8 && ((bytes[0] << 8) | bytes[1]) % 31 == 0;

    private static async Task<RequestBody> ReadAsync(Stream stream, long expected, int limit, string when, CancellationToken cancellation)
    {
        var bytes = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(expected + 1, 1024, (long)limit + 1));
        var length = 0;
        try
        {
            while (true)
            {
                if (length == bytes.Length)
                    bytes = Grow(bytes, length);
                var read = await stream.ReadAsync(bytes.AsMemory(length), cancellation);
                if (read == 0)
                    return new RequestBody(bytes, length);
                length += read;
                if (length > limit)
                    throw TooLarge(limit, when);
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(bytes);
            throw;
        }
    }

    private static byte[] Grow(byte[] bytes, int used)
    {
        var larger = ArrayPool<byte>.Shared.Rent(bytes.Length * 2);
        bytes.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        return larger;
    }

    private static RefusedException TooLarge(int limit, string when) => new(
        StatusCodes.Status413PayloadTooLarge, RefusalReasons.TooLarge,
        $"The body has more than {limit} bytes{when}; send fewer spans in a request.");
}
