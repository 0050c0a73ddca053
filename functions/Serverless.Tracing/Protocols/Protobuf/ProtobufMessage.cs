using System.Text;
using System.Text.Json;

namespace Serverless.Tracing.Protocols.Protobuf;

/// <summary>A message with its fields: the names that JSON uses, and that errors use for both forms.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<Field> _fields = [];
    private JsonName[][] _namesByLength = [];

    /// <summary>The field of a number, or null where the message has none.</summary>
    public Field? Find(uint number)
    {
        foreach (var field in _fields)
        {
            if (field.Number == number)
                return field;
        }

        return null;
    }

    /// <summary>The number of the field that JSON calls so, in lowerCamelCase or as in the .proto file; 0 where there is none.</summary>
    public uint Find(ReadOnlySpan<byte> jsonName)
    {
        if (jsonName.Length < _namesByLength.Length)
        {
            foreach (var name in _namesByLength[jsonName.Length])
            {
                if (jsonName.SequenceEqual(name.Utf8))
                    return name.Number;
            }
        }

        return 0;
    }

    /// <summary>A field that there is once; its name is the one of the .proto file.</summary>
    public static Field One(uint number, string name, ProtobufMessage? message = null) =>
        new(number, name, JsonNamingPolicy.CamelCase.ConvertName(ToPascal(name)), false, message);

    /// <summary>A field that there may be many of.</summary>
    public static Field Many(uint number, string name, ProtobufMessage message) => One(number, name, message) with { IsRepeated = true };

    /// <summary>Says which fields the message has.</summary>
    public void Set(params Field[] fields)
    {
        _fields.AddRange(fields);
        var names = fields.SelectMany(field => new[] { field.JsonName, field.ProtoName }.Distinct()
            .Select(name => new JsonName(Encoding.UTF8.GetBytes(name), field.Number))).ToArray();
        _namesByLength = [.. Enumerable.Range(0, names.Max(name => name.Utf8.Length) + 1)
            .Select(length => names.Where(name => name.Utf8.Length == length).ToArray())];
    }

    private static string ToPascal(string name) =>
        string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>A field of a message.</summary>
    /// <param name="Number">Its number in protobuf.</param>
    /// <param name="ProtoName">Its name in the .proto file.</param>
    /// <param name="JsonName">Its name in JSON.</param>
    /// <param name="IsRepeated">There may be many.</param>
    /// <param name="Message">What it holds, where that is a message.</param>
    public sealed record Field(uint Number, string ProtoName, string JsonName, bool IsRepeated, ProtobufMessage? Message);

    private readonly record struct JsonName(byte[] Utf8, uint Number);
}
