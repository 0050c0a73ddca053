namespace Serverless.Functions.Assembling;

/// <summary>What the ledger knows of an event of the hub <c>spans</c>.</summary>
/// <param name="Sequence">Its place in its partition.</param>
/// <param name="EnqueuedAt">When the hub took it.</param>
/// <param name="IsQuarantined">Whether it could not be decoded.</param>
/// <param name="Spans">How many spans its envelope says it has.</param>
/// <param name="Found">How many were found in its frames.</param>
/// <param name="Bytes">How long its body is.</param>
/// <param name="Id">Made once for an event, however often it is sent; 0 where it has none.</param>
/// <param name="Attempt">Which sending of it this is, from 0 on.</param>
/// <param name="SectionBytes">How long its section is (<see cref="Tracing.Ledger.LedgerSection"/>), without samples.</param>
public readonly record struct LedgerEvent(
    long Sequence, DateTimeOffset EnqueuedAt, bool IsQuarantined, int Spans, int Found, int Bytes, ulong Id, int Attempt, int SectionBytes);
