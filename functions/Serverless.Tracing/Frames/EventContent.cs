namespace Serverless.Tracing.Frames;

/// <summary>What an event says of itself, and where its parts lie in its uncompressed payload.</summary>
/// <param name="Version">The version of its envelope.</param>
/// <param name="Spans">How many spans it says it has.</param>
/// <param name="FrameBytes">The frames: so many bytes from the start.</param>
/// <param name="SectionBytes">What it tells the ledger: so many bytes behind them.</param>
/// <param name="Id">Made once for an event, however often it is sent; 0 in version 1.</param>
/// <param name="Attempt">Which sending of it this is, from 0 on, or <see cref="EventEnvelope.Requeued"/>.</param>
public readonly record struct EventContent(int Version, int Spans, int FrameBytes, int SectionBytes, ulong Id, int Attempt);
