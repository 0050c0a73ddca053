namespace Serverless.Functions.Querying;

/// <summary>The version of a trace's summary row that was written last.</summary>
/// <param name="Number">Grows each time.</param>
/// <param name="At">When it was written.</param>
public sealed record FinalizedVersion(int Number, DateTimeOffset At);
