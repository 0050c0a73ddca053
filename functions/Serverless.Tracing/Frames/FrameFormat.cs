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
///             n (length:varint)*n bytes                 texts 1..n (0 is the empty text)
///             n endpoint*n  n resource*n  n scope*n     endpoints 1..n, resources 0..n-1, scopes 1..n
///             n shape*n                                 shapes 1..n: the keys and types of a span's attributes
///             n id:8*n span*n
/// endpoint  = serviceName:text has:byte [ipv4:4] [ipv6:16] port:varint
/// resource  = serviceName:text schemaUrl:text localEndpoint:varint dropped:varint attributes
/// scope     = name:text version:text schemaUrl:text dropped:varint attributes
/// shape     = n (key:text type:byte)*n
/// attributes= n (key:text type:byte value)*n
/// value     = nothing (empty, true, false) | zigzag (int64) | 8 bytes (double) | text (all others)
/// span      = head:byte parent resource:varint scope:varint name:text start:varint duration:zigzag
///             shape:varint value*  [extras:varint extra*]
/// parent    = nothing (root) | 0 id:8 | 1 + index of the parent in this frame
/// extra     = those of SpanExtras whose bit is set, in the order of the bits
/// event     = time:zigzag (after the span's start) name:text dropped:varint attributes
/// link      = traceHigh:8 traceLow:8 spanId:8 traceState:text flags:varint dropped:varint attributes
/// </code>
/// Times are in nanoseconds, or in microseconds with the flag, where all of the frame's are whole ones. Shapes keep the
/// keys, which repeat, apart from the values, which do not: both a smaller frame and one that compresses better.
/// </remarks>
internal static class FrameFormat
{
    public const byte Version = 1;

    public const byte WideTraceId = 1;
    public const byte Microseconds = 2;

    public const byte HasIpv4 = 1;
    public const byte HasIpv6 = 2;

    public const int HeadKindMask = 0b0000_0111;
    public const int HeadStatusShift = 3;
    public const int HeadStatusMask = 0b0001_1000;
    public const int HeadIsRoot = 0b0010_0000;
    public const int HeadHasExtras = 0b0100_0000;

    public const ulong NanosecondsPerMicrosecond = 1000;
}
