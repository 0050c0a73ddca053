namespace Serverless.Functions.Querying.Api;

/// <summary>The version of a trace's summary row that was written last.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="At">When it was written.</param>
internal sealed record FinalizedVersion(int Number, DateTimeOffset At);
