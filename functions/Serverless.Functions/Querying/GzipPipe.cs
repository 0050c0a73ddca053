using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Serverless.Functions.Querying;

/// <summary>
/// Compresses an answer by gzip while it is sent, for callers that take it: in Azure nothing before the function does, and neither does
/// the local host. What turns out to be short is sent as it is.
/// </summary>
internal sealed class GzipPipe
{
    /// <summary>A whole answer shorter than this many bytes is not worth it: Zipkin's bound.</summary>
    public const int LeastBytes = 2048;

    private const string Encoding = "gzip";

    private readonly Body _body;

    /// <summary>Nothing is sent before the pipe is flushed.</summary>
    public GzipPipe(HttpResponse response)
    {
        _body = new Body(response);
        Writer = PipeWriter.Create(_body, new StreamPipeWriterOptions(leaveOpen: true));
    }

    /// <summary>What the answer is written to.</summary>
    public PipeWriter Writer { get; }

    /// <summary>True where the caller takes gzip.</summary>
    public static bool IsTaken(HttpRequest request)
    {
        if (request.Headers.AcceptEncoding.Count == 0)
            return false;
        foreach (var accepted in request.GetTypedHeaders().AcceptEncoding)
        {
            if (accepted.Value.Equals(Encoding, StringComparison.OrdinalIgnoreCase))
                return accepted.Quality is null or > 0;
        }

        return false;
    }

    /// <summary>Sends what has been written, and all that follows, as it is; to be called before anything is flushed.</summary>
    public void Bypass() => _body.IsPlain = true;

    /// <summary>Sends the rest.</summary>
    public async Task CompleteAsync()
    {
        await Writer.CompleteAsync();
        await _body.DisposeAsync();
    }

    /// <summary>The response's body, compressed from the first byte on unless it is to stay plain.</summary>
    private sealed class Body(HttpResponse response) : Stream
    {
        private GZipStream? _gzip;

        public bool IsPlain { get; set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        private Stream Target
        {
            get
            {
                if (IsPlain)
                    return response.Body;
                if (_gzip is null)
                {
                    response.Headers.ContentEncoding = Encoding;
                    response.Headers.Append("Vary", "Accept-Encoding");
                    _gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
                }

                return _gzip;
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Target.WriteAsync(buffer, cancellationToken);

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            await Target.FlushAsync(cancellationToken);
            // The compressor's flush reaches its own end only.
            if (_gzip is not null)
                await response.Body.FlushAsync(cancellationToken);
        }

        public override async ValueTask DisposeAsync()
        {
            if (_gzip is not null)
                await _gzip.DisposeAsync();
            await base.DisposeAsync();
        }

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
