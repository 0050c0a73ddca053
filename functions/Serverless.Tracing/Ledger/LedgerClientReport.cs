using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Tracing.Ledger;

/// <summary>What a sender told of itself with a batch: its running number and what it lost since it started.</summary>
/// <param name="Source">Who sent it.</param>
/// <param name="ClientId">The client, made anew at each start of it.</param>
/// <param name="SeqNo">The batch's number; clients count from 1.</param>
/// <param name="Drops">The running totals of lost spans, or null where the client does not keep them.</param>
public sealed record LedgerClientReport(LedgerSource Source, string ClientId, long SeqNo, JaegerClientDrops? Drops);
