using Serverless.Tracing.Ledger;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Accounting.Clients;

/// <summary>A batch of a Jaeger client that numbers them.</summary>
/// <param name="Source">Who sent it.</param>
/// <param name="Client">What tells the client from others: a hash of service and client id.</param>
/// <param name="SeqNo">Its number.</param>
/// <param name="Drops">What the client says that it has lost since it started; null where it does not.</param>
internal readonly record struct NumberedBatch(LedgerSource Source, UInt128 Client, long SeqNo, JaegerClientDrops? Drops);
