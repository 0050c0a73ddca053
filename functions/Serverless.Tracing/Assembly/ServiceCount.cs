namespace Serverless.Tracing.Assembly;

/// <summary>A service's part of a trace.</summary>
/// <param name="Name">The service's name, as sent; may be empty.</param>
/// <param name="Spans">How many of the spans are its own.</param>
/// <param name="Errors">How many of them failed.</param>
public sealed record ServiceCount(string Name, int Spans, int Errors);
