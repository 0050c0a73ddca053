namespace Serverless.Local;

/// <summary>One batch of events as it is in the log: its header, and the encoded events (<see cref="EncodedEvents"/>).</summary>
internal readonly record struct LogRecord(LogRecordHeader Header, ReadOnlyMemory<byte> Payload);
