using System.Runtime.InteropServices;
using System.Text;
using Serverless.Local.Tables.Storage;

namespace Serverless.Local.Tables;

/// <summary>
/// Goes through the properties of a stored entity: each a name (length varint, UTF-8), a <see cref="PropertyType"/> and
/// the value in that type's form.
/// </summary>
internal ref struct EntityReader(ReadOnlySpan<byte> entity)
{
    private readonly ReadOnlySpan<byte> _entity = entity;
    private ByteReader _reader = new(entity);

    /// <summary>The name in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    public PropertyType Type { get; private set; }

    /// <summary>The value's own bytes, without a length before them.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The whole property as it is stored.</summary>
    public ReadOnlySpan<byte> Encoded { get; private set; }

    public bool MoveNext()
    {
        if (_reader.AtEnd)
            return false;
        var start = _reader.Position;
        Name = _reader.ReadBytes();
        Type = (PropertyType)_reader.ReadByte();
        Value = Type switch
        {
            PropertyType.String or PropertyType.RawString or PropertyType.Binary => _reader.ReadBytes(),
            PropertyType.Int32 => _reader.Read(4),
            PropertyType.Int64 or PropertyType.Double or PropertyType.DateTime => _reader.Read(8),
            PropertyType.Guid => _reader.Read(16),
            _ => [],
        };
        Encoded = _entity[start.._reader.Position];
        return true;
    }

    /// <summary>Moves to the property of a name.</summary>
    public bool MoveTo(ReadOnlySpan<byte> name)
    {
        while (MoveNext())
        {
            if (Name.SequenceEqual(name))
                return true;
        }

        return false;
    }

    /// <summary>The name, from the few that recur.</summary>
    public readonly string NameString() => PropertyNames.Intern(Name);

    public readonly int Int32() => MemoryMarshal.Read<int>(Value);

    public readonly long Int64() => MemoryMarshal.Read<long>(Value);

    public readonly double Double() => MemoryMarshal.Read<double>(Value);

    public readonly DateTime DateTime() => new(Int64(), DateTimeKind.Utc);

    public readonly Guid Guid() => new(Value);

    public readonly string String() => Type == PropertyType.String
        ? Encoding.UTF8.GetString(Value)
        : new string(MemoryMarshal.Cast<byte, char>(Value));

    /// <summary>The value as clients get it.</summary>
    public readonly object ToObject() => Type switch
    {
        PropertyType.String or PropertyType.RawString => String(),
        PropertyType.Binary => Value.ToArray(),
        PropertyType.Int32 => Int32(),
        PropertyType.Int64 => Int64(),
        PropertyType.Double => Double(),
        PropertyType.False => false,
        PropertyType.True => true,
        PropertyType.DateTime => new DateTimeOffset(DateTime()),
        PropertyType.Guid => Guid(),
        _ => throw new InvalidDataException($"A stored property has the unknown type {Type}."),
    };

    /// <summary>What the value counts for in the entity's size, by the service's formula.</summary>
    public readonly int CountedBytes() => Type switch
    {
        PropertyType.String => (2 * Encoding.UTF8.GetCharCount(Value)) + 4,
        PropertyType.RawString or PropertyType.Binary => Value.Length + 4,
        PropertyType.False or PropertyType.True => 1,
        _ => Value.Length,
    };
}
