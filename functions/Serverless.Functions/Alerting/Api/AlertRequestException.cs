namespace Serverless.Functions.Alerting.Api;

/// <summary>A request that cannot be understood: the caller's mistake, answered with 400.</summary>
/// <param name="message">What is wrong.</param>
internal sealed class AlertRequestException(string message) : Exception(message);
