namespace Serverless.Functions.Accounting;

/// <summary>How far the assembler is behind a partition of the hub <c>spans</c>.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Events">How many events wait, those included that are missing among events of minutes that are not closed.</param>
/// <param name="Seconds">How long the oldest of them waits at the most, in seconds: exact where one waits; 0 where none does.</param>
public sealed record HubLag(string Partition, long Events, double Seconds);
