namespace Serverless.Functions.Querying;

/// <summary>A query that cannot be understood: the caller's mistake, answered with 400.</summary>
/// <param name="message">What is wrong, in the words of the API that was called.</param>
public sealed class InvalidQueryException(string message) : Exception(message);
