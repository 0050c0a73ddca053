namespace Serverless.Tracing.Frames;

/// <summary>
/// The layout of a frame: the spans of one trace that came in one request, complete in itself, so that frames can be
/// kept one after the other without being decoded.
/// </summary>
/// <remarks>
/// <code>
/// frame     = length:varint body                        length counts the body
/// body      = version:byte flags:byte protocol:byte
///             traceLow:8 [traceHigh:8]                  little-endian; high only with WideTraceId
///             base:varint                               the earliest start, in the frame's unit of time
///             n (length*4 + form:varint)*n              texts 1..n (0 is the empty text), in the forms of TextForm:
///             bytes of the plain ones, bytes of the others
///             n endpoint*n  n resource*n  n scope*n     endpoints 1..n, resources 0..n-1, scopes 1..n
///             n shape*n                                 shapes 1..n: the keys and types of a span's attributes
///             n                                         spans; then five columns, each with its length before it:
///             (structure)*n times (texts)*n (numbers)*n (extras)*n
///             id:8*n
/// endpoint  = serviceName:text has:byte [ipv4:4] [ipv6:16] port:varint
/// resource  = serviceName:text schemaUrl:text localEndpoint:varint dropped:varint attributes
/// scope     = name:text version:text schemaUrl:text dropped:varint attributes
/// shape     = n (key:text type:byte)*n
/// attributes= n (key:text type:byte value)*n
/// value     = nothing (empty, true, false) | zigzag (int64) | 8 bytes (double) | text (all others)
/// structure = head:byte parent resource:varint scope:varint name:text shape:varint
/// parent    = nothing (root) | 0 id:8 | 1 + index of the parent in this frame
/// times     = the starts, after the base, and the durations (PackedTimes)
/// texts     = the values of the span's attributes that are texts
/// numbers   = its other values; in a shape booleans have the type true, and a byte here
/// extras    = nothing, or with the head's bit: which:varint, then those of SpanExtras, in the order of the bits
/// event     = time:zigzag (after the span's start) name:text dropped:varint attributes
/// link      = traceHigh:8 traceLow:8 spanId:8 traceState:text flags:varint dropped:varint attributes
/// </code>
/// Times are in nanoseconds, or in microseconds with the flag, where all of the frame's are whole ones.
/// <para>
/// Traces of one kind differ in ids, times and some values; all else repeats. What repeats lies together, apart from what does not,
/// so that a compressor finds few long matches and not many short ones.
/// </para>
/// </remarks>
internal static class FrameFormat
{
    public const byte Version = 1;

    public const byte WideTraceId = 1;
    public const byte Microseconds = 2;

    public const byte HasIpv4 = 1;
    public const byte HasIpv6 = 2;

    // The columns of a frame's spans, in their order.
    public const int Structure = 0;
    public const int Times = 1;
    public const int Texts = 2;
    public const int Numbers = 3;
    public const int Extras = 4;
    public const int Columns = 5;

    public const int HeadKindMask = 0b0000_0111;
    public const int HeadStatusShift = 3;
    public const int HeadStatusMask = 0b0001_1000;
    public const int HeadIsRoot = 0b0010_0000;
    public const int HeadHasExtras = 0b0100_0000;

    public const ulong NanosecondsPerMicrosecond = 1000;
}
