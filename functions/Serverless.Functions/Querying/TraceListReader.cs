using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>Reads several traces by id, a few at a time.</summary>
public sealed class TraceListReader(TraceReader reader)
{
    private const int AtOnce = 8;

    /// <summary>The traces in the order of their ids; one without spans where there is no such trace.</summary>
    /// <param name="ids">The traces; the caller bounds how many.</param>
    /// <param name="strict">As for <see cref="TraceReader.ReadAsync"/>.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    public async Task<IReadOnlyList<ReadTrace>> ReadAsync(IReadOnlyList<TraceId> ids, bool strict, CancellationToken cancellation)
    {
        var traces = new List<ReadTrace>(ids.Count);
        foreach (var some in ids.Chunk(AtOnce))
            traces.AddRange(await Task.WhenAll(some.Select(id => reader.ReadAsync(id, strict, cancellation))));
        return traces;
    }
}
