using Serverless.Tracing.Model;

namespace Serverless.Functions.Querying;

/// <summary>A trace that a search found.</summary>
/// <param name="Id">Its id; where ids are lenient, that of one of its spans.</param>
/// <param name="Held">The trace; null where it has to be read again, because too much is held already.</param>
public sealed record FoundTrace(TraceId Id, ReadTrace? Held);
