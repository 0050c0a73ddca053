using System.Runtime.CompilerServices;
using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;

namespace Serverless.Functions.Querying;

/// <summary>Reads several traces one after the other, so that however many there are, and however large, only a few are held at once.</summary>
public sealed class TraceListReader(TraceStreams streams)
{
    private const int AtOnce = 8;

    /// <summary>
    /// The traces in the order given; an empty one where there is no such trace. The first ones are read
    /// before anything is returned, so that a storage that fails is known before an answer begins.
    /// </summary>
    /// <param name="traces">The traces; what is held is not read.</param>
    /// <param name="strict">False to take every trace whose id has the same low 64 bits.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    /// <exception cref="TooManyLargeTracesException">A trace is large, and too many such are being answered.</exception>
    public async Task<TraceList> OpenAsync(IReadOnlyList<FoundTrace> traces, bool strict, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(traces);
        var first = await ReadSmallAsync([.. traces.Take(AtOnce)], strict, cancellation);
        var known = first.Select(stream => stream?.Whole).Concat(traces.Skip(AtOnce).Select(trace => trace.Held)).OfType<ReadTrace>().ToArray();
        return new TraceList(ReadAsync(traces, first, strict, cancellation), StrictTraceId.WarningOf(known, strict));
    }

    private async IAsyncEnumerable<TraceStream> ReadAsync(
        IReadOnlyList<FoundTrace> traces, TraceStream?[] first, bool strict, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var some = first;
        for (var from = 0; from < traces.Count; from += AtOnce)
        {
            if (from > 0)
                some = await ReadSmallAsync([.. traces.Skip(from).Take(AtOnce)], strict, cancellation);
            for (var i = 0; i < some.Length; i++)
            {
                using var trace = some[i] ?? await streams.OpenAsync(traces[from + i].Id, strict, TraceTimes.Unknown, cancellation);
                yield return trace;
                some[i] = null;
            }
        }
    }

    private Task<TraceStream?[]> ReadSmallAsync(FoundTrace[] some, bool strict, CancellationToken cancellation) =>
        Task.WhenAll(some.Select(trace => trace.Held is { } held
            ? Task.FromResult<TraceStream?>(new TraceStream(held, isCut: held.Context.IsCut, widthWarning: null))
            : streams.OpenSmallAsync(trace.Id, strict, cancellation)));
}
