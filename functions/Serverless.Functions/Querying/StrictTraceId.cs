using Microsoft.AspNetCore.Http;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>
/// Whether ids of 64 bits and of 128 bits whose low halves are the same are different traces: the setting, or for one request the
/// query parameter <c>strictTraceId</c>.
/// </summary>
internal static class StrictTraceId
{
    private const string Parameter = "strictTraceId";

    private const string Joined = "the spans of this trace report ids of 64 and of 128 bits";

    private const string Apart =
        "there are spans under this id in both 64 and 128 bits, of which these are one part; strictTraceId=false gives both together";

    private const string SomeJoined = "the spans of some of these traces report ids of 64 and of 128 bits";

    private const string SomeApart =
        "there are spans under some of these ids in both 64 and 128 bits; strictTraceId=false gives both together";

    /// <summary>What holds for a request.</summary>
    /// <exception cref="InvalidQueryException">The parameter is neither true nor false.</exception>
    public static bool Of(IQueryCollection parameters, TracingSettings settings)
    {
        if (parameters[Parameter] is not [{ Length: > 0 } text, ..])
            return settings.StrictTraceId;
        return bool.TryParse(text, out var value) ? value : throw new InvalidQueryException($"{Parameter} is neither true nor false: {text}");
    }

    /// <summary>What to say of a list of traces; null where none came in both widths.</summary>
    /// <param name="traces">The traces.</param>
    /// <param name="isStrict">Whether ids of both widths are different traces.</param>
    public static string? WarningOf(IReadOnlyList<ReadTrace> traces, bool isStrict)
    {
        foreach (var trace in traces)
        {
            if (isStrict ? !trace.Context.OtherWidth.IsZero : Warning(trace.Spans, isStrict: false) is not null)
                return isStrict ? SomeApart : SomeJoined;
        }

        return null;
    }

    /// <summary>What to say of a trace whose low half was reported in both widths; null where it was not.</summary>
    /// <param name="ofLowHalf">All spans whose trace ids have one low half.</param>
    /// <param name="isStrict">They are different traces.</param>
    public static string? Warning(IEnumerable<Span> ofLowHalf, bool isStrict)
    {
        var (hasShort, hasLong) = (false, false);
        foreach (var span in ofLowHalf)
        {
            hasShort |= span.TraceId.High == 0;
            hasLong |= span.TraceId.High != 0;
        }

        return Warning(hasShort && hasLong, isStrict);
    }

    /// <summary>What to say of a trace.</summary>
    /// <param name="isOfBothWidths">Its low half was reported in both widths.</param>
    /// <param name="isStrict">Those are different traces.</param>
    public static string? Warning(bool isOfBothWidths, bool isStrict) => !isOfBothWidths ? null : isStrict ? Apart : Joined;
}
