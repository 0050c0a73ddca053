namespace Serverless.Functions.Sampling;

/// <summary>A strategy that somebody wants to set cannot be one; the message says why.</summary>
public sealed class InvalidStrategyException(string message) : Exception(message);
