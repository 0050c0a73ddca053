using System.IO.Pipelines;
using System.Text.Json;

namespace Serverless.Functions.Querying;

/// <summary>A JSON answer that is written in pieces while it is sent.</summary>
internal sealed class JsonPieces(Utf8JsonWriter json, PipeWriter pipe, CancellationToken cancellation)
{
    private const int PieceBytes = 64 * 1024;

    private long _sentBytes;

    /// <summary>What the answer is written with.</summary>
    public Utf8JsonWriter Json => json;

    /// <summary>Nothing has left for the caller yet: status and headers can still be set.</summary>
    public bool IsWhole => _sentBytes == 0;

    /// <summary>Sends what has been written, if that is enough for a piece.</summary>
    public async ValueTask SendAsync()
    {
        var writtenBytes = json.BytesCommitted + json.BytesPending;
        if (writtenBytes - _sentBytes < PieceBytes)
            return;
        json.Flush();
        _sentBytes = writtenBytes;
        await pipe.FlushAsync(cancellation);
    }
}
