namespace Serverless.Tracing.Protocols.Thrift;

/// <summary>What a body should hold: enough to name the place of an error.</summary>
/// <param name="Format">The format, as the protocol calls it, for messages: <c>Jaeger thrift binary</c>.</param>
/// <param name="Root">The struct that the body holds.</param>
/// <param name="IsList">Whether it holds a list of them.</param>
internal sealed record ThriftSchema(string Format, ThriftStruct Root, bool IsList = false);

/// <summary>A struct's fields by their ids.</summary>
internal sealed class ThriftStruct(params ThriftField[] fields)
{
    /// <summary>The field of an id, or null.</summary>
    public ThriftField? Find(short id) => Array.Find(fields, field => field.Id == id);
}

/// <summary>A field: one without a name is passed over in paths; its struct is null where it is not a struct or a list of them.</summary>
internal sealed record ThriftField(short Id, string Name, ThriftStruct? Struct = null);
