namespace Serverless.Functions.Assembling;

/// <summary>An event in quarantine.</summary>
/// <param name="Id">What it is called.</param>
/// <param name="Note">What is known of it.</param>
/// <param name="Body">The event as the hub had it; empty in a list.</param>
/// <param name="ReplayedAt">When it was sent again, or null.</param>
internal sealed record QuarantinedEvent(QuarantineId Id, QuarantineNote Note, byte[] Body, DateTimeOffset? ReplayedAt);
