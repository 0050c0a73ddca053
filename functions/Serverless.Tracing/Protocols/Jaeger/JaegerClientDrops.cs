namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>Spans that a Jaeger client dropped since it started (jaeger.thrift, ClientStats).</summary>
/// <param name="FullQueue">They found its queue full.</param>
/// <param name="TooLarge">They did not fit into a datagram.</param>
/// <param name="SendFailures">They could not be sent.</param>
public readonly record struct JaegerClientDrops(long FullQueue, long TooLarge, long SendFailures);
