namespace Serverless.Functions.Querying;

/// <summary>Several traces, each read when its turn has come.</summary>
/// <param name="Traces">The traces; each holds until the next one is asked for.</param>
/// <param name="WidthWarning">
/// What there is to say where ids came in 64 and in 128 bits; null where none did, as far as that is known before the first is sent: of those that were
/// held, and the first ones.
/// </param>
public sealed record TraceList(IAsyncEnumerable<TraceStream> Traces, string? WidthWarning);
