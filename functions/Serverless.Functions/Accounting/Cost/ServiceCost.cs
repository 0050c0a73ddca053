namespace Serverless.Functions.Accounting.Cost;

/// <summary>A service's share.</summary>
/// <param name="Service">The service.</param>
/// <param name="Spans">Its accepted spans.</param>
/// <param name="Bytes">The bytes of their frames.</param>
/// <param name="Cost">Its share of the cost.</param>
public sealed record ServiceCost(string Service, long Spans, long Bytes, double Cost);
