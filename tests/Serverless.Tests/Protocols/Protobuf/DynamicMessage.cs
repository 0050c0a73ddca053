using Google.Protobuf;

namespace Serverless.Tests.Protocols.Protobuf;

/// <summary>
/// A message of any type, read and written with Google's reader and writer of the wire format and by protobuf's rules:
/// the last of a single field counts, messages are merged, one of a oneof removes the others, what is unknown is skipped.
/// </summary>
internal sealed class DynamicMessage(ProtoType type)
{
    private readonly SortedDictionary<int, List<object>> _values = [];

    public ProtoType Type { get; } = type;

    public static DynamicMessage Parse(ProtoType type, byte[] bytes)
    {
        var message = new DynamicMessage(type);
        message.Merge(new CodedInputStream(bytes));
        return message;
    }

    public bool Has(int number) => _values.ContainsKey(number);

    /// <summary>A single field; the default where it is absent.</summary>
    public T? Get<T>(int number) => _values.TryGetValue(number, out var values) ? (T)values[^1] : default;

    public string Text(int number) => Get<string>(number) ?? "";

    public IReadOnlyList<object> All(int number) => _values.TryGetValue(number, out var values) ? values : [];

    public IEnumerable<DynamicMessage> Messages(int number) => All(number).Cast<DynamicMessage>();

    /// <summary>The fields that are present, by their numbers.</summary>
    public IEnumerable<(ProtoField Field, IReadOnlyList<object> Values)> Present => _values.Select(v => (Type.Field(v.Key)!, (IReadOnlyList<object>)v.Value));

    /// <summary>The message as its own encoders would write it: each field once, by its number.</summary>
    public byte[] ToByteArray()
    {
        var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes))
        {
            foreach (var (field, values) in Present)
            {
                foreach (var value in values)
                    Write(output, field, value);
            }
        }

        return bytes.ToArray();
    }

    private static void Write(CodedOutputStream output, ProtoField field, object value)
    {
        output.WriteTag(field.Number, field.WireType);
        switch (field.Kind)
        {
            case ProtoKind.VarUInt32:
                output.WriteUInt32((uint)value);
                break;
            case ProtoKind.VarInt64:
                output.WriteInt64((long)value);
                break;
            case ProtoKind.Bool:
                output.WriteBool((bool)value);
                break;
            case ProtoKind.Enumeration:
                output.WriteEnum((int)value);
                break;
            case ProtoKind.Fixed64:
                output.WriteFixed64((ulong)value);
                break;
            case ProtoKind.Fixed32:
                output.WriteFixed32((uint)value);
                break;
            case ProtoKind.Real:
                output.WriteDouble((double)value);
                break;
            case ProtoKind.Text:
                output.WriteString((string)value);
                break;
            case ProtoKind.Bytes:
                output.WriteBytes((ByteString)value);
                break;
            default:
                output.WriteBytes(ByteString.CopyFrom(((DynamicMessage)value).ToByteArray()));
                break;
        }
    }

    private void Merge(CodedInputStream input)
    {
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (Type.Field(WireFormat.GetTagFieldNumber(tag)) is { } field && field.WireType == WireFormat.GetTagWireType(tag))
                Read(input, field);
            else
                input.SkipLastField();
        }
    }

    private void Read(CodedInputStream input, ProtoField field)
    {
        if (field.IsChoice)
        {
            foreach (var other in Type.Fields.Where(f => f.IsChoice && f.Number != field.Number))
                _values.Remove(other.Number);
        }

        if (field.Kind == ProtoKind.Message && !field.IsRepeated && _values.TryGetValue(field.Number, out var before))
        {
            ((DynamicMessage)before[0]).Merge(new CodedInputStream(input.ReadBytes().ToByteArray()));
            return;
        }

        object value = field.Kind switch
        {
            ProtoKind.VarUInt32 => input.ReadUInt32(),
            ProtoKind.VarInt64 => input.ReadInt64(),
            ProtoKind.Bool => input.ReadBool(),
            ProtoKind.Enumeration => input.ReadEnum(),
            ProtoKind.Fixed64 => input.ReadFixed64(),
            ProtoKind.Fixed32 => input.ReadFixed32(),
            ProtoKind.Real => input.ReadDouble(),
            ProtoKind.Text => input.ReadString(),
            ProtoKind.Bytes => input.ReadBytes(),
            _ => Parse(field.Message!, input.ReadBytes().ToByteArray()),
        };
        if (field.IsRepeated && _values.TryGetValue(field.Number, out var list))
            list.Add(value);
        else
            _values[field.Number] = [value];
    }
}
