using System.Globalization;
using System.Text;

namespace Serverless.Tracing.Protocols.Thrift;

/// <summary>
/// Finds the path of a field by its place in the body, reading it again from the start: decoding then need not keep track of
/// paths, and only a body that is refused pays for one.
/// </summary>
internal static class ThriftPath
{
    /// <summary>The path of the field that a byte belongs to, as far as the body can be read.</summary>
    /// <param name="reader">Reads the body from its first field or list; the path in its exceptions does not matter.</param>
    /// <param name="schema">The names.</param>
    /// <param name="offset">The byte.</param>
    public static string Of<TReader>(TReader reader, ThriftSchema schema, int offset)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var path = new StringBuilder();
        try
        {
            if (schema.IsList)
                TryFindInList(ref reader, ThriftType.List, schema.Root, offset, path);
            else
                TryFind(ref reader, ThriftType.Struct, schema.Root, offset, path);
        }
        catch (MalformedSpansException)
        {
            // This is the place: the path has grown up to it.
        }

        return path.ToString();
    }

    private static bool TryFind<TReader>(ref TReader reader, ThriftType type, ThriftStruct shape, int offset, StringBuilder path)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var outer = reader.BeginStruct(type);
        var length = path.Length;
        while (reader.TryReadField(out type, out var id))
        {
            var field = shape.Find(id);
            var name = field?.Name ?? id.ToString(CultureInfo.InvariantCulture);
            path.Append(path.Length == 0 || name.Length == 0 ? "" : ".").Append(name);
            if (TryFindInValue(ref reader, type, field?.Struct, offset, path) || reader.Position > offset)
                return true;
            path.Length = length;
        }

        reader.EndStruct(outer);
        return reader.Position > offset;
    }

    private static bool TryFindInValue<TReader>(ref TReader reader, ThriftType type, ThriftStruct? shape, int offset, StringBuilder path)
        where TReader : struct, IThriftReader, allows ref struct
    {
        if (reader.Position > offset)
            return true;
        if (shape is not null && type == ThriftType.Struct)
            return TryFind(ref reader, type, shape, offset, path);
        if (shape is not null && type is ThriftType.List or ThriftType.Set)
            return TryFindInList(ref reader, type, shape, offset, path);
        reader.Skip(type);
        return false;
    }

    private static bool TryFindInList<TReader>(ref TReader reader, ThriftType type, ThriftStruct? shape, int offset, StringBuilder path)
        where TReader : struct, IThriftReader, allows ref struct
    {
        var count = reader.ReadList(type, out var item);
        if (reader.Position > offset)
            return true;
        var length = path.Length;
        for (var i = 0; i < count; i++)
        {
            path.Append(CultureInfo.InvariantCulture, $"[{i}]");
            if (TryFindInValue(ref reader, item, shape, offset, path) || reader.Position > offset)
                return true;
            path.Length = length;
        }

        return false;
    }
}
