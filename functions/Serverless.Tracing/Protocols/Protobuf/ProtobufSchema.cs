namespace Serverless.Tracing.Protocols.Protobuf;

/// <summary>What a body should hold: enough to name the place of an error.</summary>
/// <param name="Format">The format, as the protocol calls it, for messages: <c>OTLP protobuf</c>.</param>
/// <param name="Root">The message that the body is.</param>
internal sealed record ProtobufSchema(string Format, ProtobufMessage Root);
