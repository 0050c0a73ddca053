namespace Serverless.Tracing.Frames;

/// <summary>A request holds more of something than one may: the end of a sentence that can be sent back.</summary>
/// <param name="what">What there is too much of, in the plural.</param>
/// <param name="most">How many there may be.</param>
internal sealed class BatchFullException(string what, int most)
    : Exception($"more than {most} {what} in one request; send fewer spans in a request");
