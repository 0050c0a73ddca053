using Google.Protobuf;

namespace Serverless.Tests.Protocols.Protobuf;

/// <summary>The definition of a message, as its .proto file gives it.</summary>
internal sealed class ProtoType(string name)
{
    private readonly Dictionary<int, ProtoField> _fields = [];

    public string Name { get; } = name;

    public IEnumerable<ProtoField> Fields => _fields.Values;

    public ProtoField? Field(int number) => _fields.GetValueOrDefault(number);

    /// <summary>Adds fields; after the constructor, because messages may contain one another.</summary>
    public ProtoType With(params ProtoField[] fields)
    {
        foreach (var field in fields)
            _fields.Add(field.Number, field);
        return this;
    }
}

/// <summary>A field of a message.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Message">The message that it holds.</param>
/// <param name="IsRepeated">Whether it is a list.</param>
/// <param name="IsChoice">Whether it belongs to the message's only oneof.</param>
/// <param name="IdBytes">The length of an id, which is bytes that JSON has in hex; 0 for what is none.</param>
internal sealed record ProtoField(
    int Number, string Name, ProtoKind Kind, ProtoType? Message = null, bool IsRepeated = false, bool IsChoice = false, int IdBytes = 0)
{
    public WireFormat.WireType WireType => Kind switch
    {
        ProtoKind.Fixed64 or ProtoKind.Real => WireFormat.WireType.Fixed64,
        ProtoKind.Fixed32 => WireFormat.WireType.Fixed32,
        ProtoKind.Text or ProtoKind.Bytes or ProtoKind.Message => WireFormat.WireType.LengthDelimited,
        _ => WireFormat.WireType.Varint,
    };
}

internal enum ProtoKind
{
    VarUInt32,
    VarInt64,
    Bool,
    Enumeration,
    Fixed64,
    Fixed32,
    Real,
    Text,
    Bytes,
    Message,
}
