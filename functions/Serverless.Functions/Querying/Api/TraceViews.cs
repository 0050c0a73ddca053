using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Api;

/// <summary>Reads traces and assembles them, freshly from their rows: of large ones only outlines are held.</summary>
public sealed class TraceViews(TraceStreams traces)
{
    private static readonly AssemblyOptions AsReported = new() { AdjustsClockSkew = false };

    /// <summary>How long the answer of a large trace may take.</summary>
    internal (TimeSpan Most, TimeProvider Clock) TimeLimit => traces.TimeLimit;

    /// <summary>A trace without its spans, of which a large one has outlines; null where there is none.</summary>
    /// <param name="id">The trace.</param>
    /// <param name="strict">As for <see cref="TraceStreams.OpenAsync(TraceId, bool, TraceTimes, CancellationToken)"/>.</param>
    /// <param name="adjusts">False to leave times as they were sent.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    /// <exception cref="TooManyLargeTracesException">The trace is large, and too many such are being answered.</exception>
    internal async Task<TraceView?> ReadAsync(TraceId id, bool strict, bool adjusts, CancellationToken cancellation)
    {
        using var open = await OpenAsync(id, strict, adjusts, cancellation);
        return open?.View;
    }

    /// <summary>A trace with its spans; null where there is none. The caller disposes of it when it is answered.</summary>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    /// <exception cref="TooManyLargeTracesException">The trace is large, and too many such are being answered.</exception>
    internal async Task<OpenTrace?> OpenAsync(TraceId id, bool strict, bool adjusts, CancellationToken cancellation)
    {
        var stream = await traces.OpenToAssembleAsync(id, strict, cancellation);
        try
        {
            if (stream.IsEmpty)
            {
                stream.Dispose();
                return null;
            }

            if (stream.Whole is { } whole)
                return new OpenTrace(Assemble(whole, adjusts), stream, null);
            var outline = stream.Assemble(OptionsOf(adjusts))!;
            return new OpenTrace(new TraceView(outline.Trace, stream.Large.Breaks, stream.Large.Finalized), stream, outline);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Assembles what was read.</summary>
    internal static TraceView Assemble(ReadTrace trace, bool adjusts) =>
        new(trace.Assemble(OptionsOf(adjusts)), trace.Context.Breaks, trace.Finalized);

    private static AssemblyOptions OptionsOf(bool adjusts) => adjusts ? AssemblyOptions.Default : AsReported;
}
