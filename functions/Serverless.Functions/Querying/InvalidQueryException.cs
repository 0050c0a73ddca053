namespace Serverless.Functions.Querying;

/// <summary>A query that cannot be understood: the caller's mistake, answered with 400.</summary>
/// <param name="message">What is wrong, in the words of the API that was called.</param>
public sealed class InvalidQueryException(string message) : Exception(message)
{
    /// <summary>The parameter that is wrong, or null where the API's own texts say it.</summary>
    public string? Parameter { get; init; }

    /// <summary>Where in the parameter's value, in bytes of UTF-8 from its beginning; null where that is not known.</summary>
    public int? Offset { get; init; }
}
