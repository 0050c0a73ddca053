using Serverless.Functions.Storage;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying.Api;

/// <summary>Reads traces and assembles them, freshly from their rows.</summary>
public sealed class TraceViews(TraceReader traces)
{
    private static readonly AssemblyOptions AsReported = new() { AdjustsClockSkew = false };

    /// <summary>A trace; null where there is none.</summary>
    /// <param name="id">The trace.</param>
    /// <param name="strict">As for <see cref="TraceReader.ReadAsync"/>.</param>
    /// <param name="adjusts">False to leave times as they were sent.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="StorageException">The tables cannot be read.</exception>
    /// <exception cref="FrameFormatException">What is stored is damaged.</exception>
    internal async Task<TraceView?> ReadAsync(TraceId id, bool strict, bool adjusts, CancellationToken cancellation)
    {
        var trace = await traces.ReadAsync(id, strict, cancellation);
        return trace.Spans.Count == 0 ? null : Assemble(trace, adjusts);
    }

    /// <summary>Assembles what was read.</summary>
    internal static TraceView Assemble(ReadTrace trace, bool adjusts) =>
        new(trace.Assemble(adjusts ? AssemblyOptions.Default : AsReported), trace.Context.Breaks, trace.Finalized);
}
