namespace Serverless.Tracing.Protocols.Jaeger;

/// <summary>
/// What a Jaeger client tells of itself with a batch: the batch's number, and how many spans it had to drop since it started.
/// </summary>
/// <param name="ClientId">The process tag <c>client-uuid</c>, made anew at each start.</param>
/// <param name="ServiceName">The process's service.</param>
/// <param name="SeqNo">The batch's number; clients count from 1.</param>
/// <param name="Drops">The running totals, or null where the client does not keep them.</param>
public readonly record struct JaegerClientReport(string ClientId, string ServiceName, long SeqNo, JaegerClientDrops? Drops);
