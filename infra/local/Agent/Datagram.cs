namespace Serverless.Local;

/// <summary>A datagram in memory of the shared pool.</summary>
internal readonly record struct Datagram(byte[] Buffer, int Length);
