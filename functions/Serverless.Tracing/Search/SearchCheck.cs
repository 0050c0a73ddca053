namespace Serverless.Tracing.Search;

/// <summary>What a digest must have so that a condition may hold: any of some terms, or of some flags.</summary>
/// <param name="Bit">The condition's bit.</param>
/// <param name="Terms">Terms, any of which will do.</param>
/// <param name="Flags">Flags, any of which will do.</param>
/// <param name="KindMask">Kinds of an operation, any of which will do; bit n for the kind with number n.</param>
internal sealed record SearchCheck(ulong Bit, ulong[] Terms, DigestFlags Flags, int KindMask);
