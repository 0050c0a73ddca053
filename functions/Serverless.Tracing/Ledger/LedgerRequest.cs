namespace Serverless.Tracing.Ledger;

/// <summary>A request of which an event has spans.</summary>
/// <param name="Id">The request; its time is when it came.</param>
/// <param name="Accepted">How many spans of it are accepted in all, in however many events.</param>
/// <param name="Here">How many of them are in this event.</param>
public readonly record struct LedgerRequest(ReceiptId Id, int Accepted, int Here);
