namespace Serverless.Tracing.Assembly;

/// <summary>That one service calls another.</summary>
/// <param name="Parent">The calling service, as it names itself.</param>
/// <param name="Child">The service called; a broker, or a database that reports nothing, as its callers name it.</param>
/// <param name="Calls">How many calls there were.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="TimedCalls">How many of them have a known duration.</param>
/// <param name="DurationNs">
/// The durations of the timed calls together, in nanoseconds, as the caller saw them, or where the caller did not report as the service called did.
/// </param>
public sealed record ServiceLink(string Parent, string Child, long Calls, long Errors, long TimedCalls, Int128 DurationNs);
