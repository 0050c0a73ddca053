using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Azure.Data.Tables;
using Serverless.Local.Tables.Storage;

namespace Serverless.Local.Tables;

/// <summary>Writes an entity in the form that <see cref="EntityReader"/> reads, within the service's limits.</summary>
internal struct EntityWriter
{
    // What one entity costs in a request's body besides its properties: the part's headers, its address and the keys' names.
    private const int RequestOverheadBytes = 512;

    // A property's quotes, colon and comma, and its type annotation.
    private const int PropertyOverheadBytes = 8;
    private const int AnnotationOverheadBytes = 36;

    private readonly ByteWriter _writer;
    private int _count;
    private int _countedBytes;

    private EntityWriter(ByteWriter writer, string partitionKey, string rowKey)
    {
        _writer = writer;
        _countedBytes = 4 + (2 * (partitionKey.Length + rowKey.Length));
        RequestBytes = RequestOverheadBytes + (2 * (partitionKey.Length + rowKey.Length));
    }

    /// <summary>About what the entity takes in a request's body.</summary>
    public int RequestBytes { get; private set; }

    /// <summary>Writes the entity's own properties.</summary>
    /// <exception cref="NotSupportedException">A value is of a type that the service does not have.</exception>
    public static TableError? Write(ITableEntity entity, ByteWriter writer, out int requestBytes)
    {
        var self = new EntityWriter(writer, entity.PartitionKey, entity.RowKey);
        TableError? error = null;
        if (entity is TableEntity dictionary)
        {
            foreach (var (name, value) in dictionary.Properties)
                error ??= IsSystemProperty(name) ? null : self.Write(name, value);
        }
        else
        {
            foreach (var property in EntityShape.Of(entity.GetType()).Properties)
                error ??= self.Write(property.Name, property.GetValue(entity));
        }

        requestBytes = self.RequestBytes;
        return error ?? self.CheckSize();
    }

    /// <summary>Writes a stored entity with another's properties merged into it.</summary>
    public static TableError? Merge(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> stored, ReadOnlySpan<byte> changes, ByteWriter writer)
    {
        var self = new EntityWriter(writer, KeyCodec.DecodePart(KeyCodec.PartitionKeyOf(key)), KeyCodec.DecodePart(KeyCodec.RowKeyOf(key)));
        var kept = new EntityReader(stored);
        while (kept.MoveNext())
        {
            if (!new EntityReader(changes).MoveTo(kept.Name))
                self.Copy(kept);
        }

        var changed = new EntityReader(changes);
        while (changed.MoveNext())
            self.Copy(changed);
        return self.CheckSize();
    }

    private static bool IsSystemProperty(string name) =>
        name is nameof(ITableEntity.PartitionKey) or nameof(ITableEntity.RowKey) or nameof(ITableEntity.Timestamp) or TableEntity.ETagName;

    private void Copy(EntityReader property)
    {
        _writer.Write(property.Encoded);
        _countedBytes += 8 + (2 * Encoding.UTF8.GetCharCount(property.Name)) + property.CountedBytes();
        _count++;
    }

    private readonly TableError? CheckSize() =>
        _count > TableLimits.MaxProperties ? TableError.TooManyProperties
        : _countedBytes > TableLimits.MaxEntityBytes ? TableError.EntityTooLarge
        : null;

    private TableError? Write(string name, object? value)
    {
        if (value is null)
            return null;
        if (TableLimits.CheckPropertyName(name) is { } error)
            return error;
        WriteName(name);
        _count++;
        _countedBytes += 8 + (2 * name.Length);
        RequestBytes += name.Length + PropertyOverheadBytes;
        return value switch
        {
            string text => WriteString(text),
            byte[] bytes => WriteBinary(bytes),
            BinaryData data => WriteBinary(data.ToMemory().Span),
            int number => WriteFixed(PropertyType.Int32, number),
            long number => WriteFixed(PropertyType.Int64, number),
            double number => WriteFixed(PropertyType.Double, number),
            bool flag => WriteBoolean(flag),
            DateTimeOffset time => WriteDateTime(time.UtcDateTime),
            DateTime { Kind: DateTimeKind.Utc } time => WriteDateTime(time),
            DateTime time => throw new NotSupportedException($"DateTime {time} has a Kind of {time.Kind}. Only UTC can be stored: use DateTime.SpecifyKind, or DateTimeOffset."),
            Guid id => WriteFixed(PropertyType.Guid, id),
            Enum member => WriteString(member.ToString()),
            _ => throw new NotSupportedException($"Property '{name}' is a {value.GetType()}, which tables do not have. Use string, byte[], BinaryData, int, long, double, bool, DateTime, DateTimeOffset, Guid or an enum."),
        };
    }

    private readonly void WriteName(string name)
    {
        Span<byte> utf8 = stackalloc byte[TableLimits.MaxPropertyNameUnits * 3];
        _writer.WriteBytes(utf8[..Encoding.UTF8.GetBytes(name, utf8)]);
    }

    private TableError? WriteString(string text)
    {
        if (text.Length > TableLimits.MaxStringUnits)
            return TableError.PropertyValueTooLarge;
        _countedBytes += (2 * text.Length) + 4;
        RequestBytes += text.Length + 2;
        var length = Encoding.UTF8.GetByteCount(text);
        _writer.WriteByte((byte)PropertyType.String);
        var start = _writer.Length;
        _writer.WriteVarint(length);
        if (Utf8.FromUtf16(text, _writer.Append(length), out _, out _, replaceInvalidSequences: false) == OperationStatus.Done)
            return null;

        _writer.Truncate(start - 1);
        _writer.WriteByte((byte)PropertyType.RawString);
        _writer.WriteBytes(MemoryMarshal.AsBytes(text.AsSpan()));
        return null;
    }

    private TableError? WriteBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > TableLimits.MaxBinaryBytes)
            return TableError.PropertyValueTooLarge;
        _countedBytes += bytes.Length + 4;
        RequestBytes += AnnotationOverheadBytes + ((bytes.Length + 2) / 3 * 4);
        _writer.WriteByte((byte)PropertyType.Binary);
        _writer.WriteBytes(bytes);
        return null;
    }

    private TableError? WriteDateTime(DateTime time) => time < TableLimits.MinDateTime
        ? TableError.OutOfRangeInput($"A DateTime must not be before {TableLimits.MinDateTime:yyyy-MM-dd}.")
        : WriteFixed(PropertyType.DateTime, time.Ticks);

    private TableError? WriteBoolean(bool value)
    {
        _countedBytes++;
        RequestBytes += 5;
        _writer.WriteByte((byte)(value ? PropertyType.True : PropertyType.False));
        return null;
    }

    private TableError? WriteFixed<T>(PropertyType type, T value)
        where T : unmanaged
    {
        _writer.WriteByte((byte)type);
        var size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        MemoryMarshal.Write(_writer.Append(size), in value);
        _countedBytes += size;
        RequestBytes += AnnotationOverheadBytes + 20;
        return null;
    }
}
