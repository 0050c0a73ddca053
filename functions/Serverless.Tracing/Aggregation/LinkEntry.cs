namespace Serverless.Tracing.Aggregation;

/// <summary>What is counted of the calls of a service to another in the traces that began in a minute.</summary>
/// <param name="Minute">The minute, in minutes since 1970.</param>
/// <param name="Parent">The calling service.</param>
/// <param name="Child">The service called.</param>
/// <param name="Sums">The counts.</param>
public sealed record LinkEntry(long Minute, string Parent, string Child, LinkSums Sums);
