using Serverless.Tracing.Assembly;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Querying.Api;

/// <summary>What our own search asks for.</summary>
/// <param name="Query">What the spans have to say; its limit is the page's.</param>
/// <param name="Verdicts">Any of these has to be said of the trace; none for all traces.</param>
/// <param name="StrictTraceId">False takes ids of 64 and 128 bits with the same low half for one.</param>
/// <param name="Cursor">Where the page before ended, or null for the first.</param>
internal sealed record TraceFilter(TraceQuery Query, IReadOnlyList<VerdictKind> Verdicts, bool StrictTraceId, SearchCursor? Cursor);
