using System.Globalization;
using System.Text;

namespace Serverless.Tracing.Protocols.Protobuf;

/// <summary>
/// Finds the path of a field by its place in the body, walking the messages from the start: decoding then need not
/// keep track of paths, and only a body that is refused pays for one.
/// </summary>
internal static class ProtobufPath
{
    /// <summary>The path of the field that begins at <paramref name="field"/>, or of the message around it where its tag is malformed.</summary>
    public static string Of(ReadOnlySpan<byte> body, ProtobufMessage root, int field)
    {
        var path = new StringBuilder();
        ProtobufMessage? message = root;
        var position = 0;
        var end = body.Length;
        while (message is not null && TryFind(body, field, ref position, ref end, ref message, out var found, out var index))
        {
            path.Append(path.Length == 0 ? "" : ".").Append(found.JsonName);
            if (found.IsRepeated)
                path.Append(CultureInfo.InvariantCulture, $"[{index}]");
        }

        return path.ToString();
    }

    /// <summary>Finds the field of a message in which another field begins, and enters it where it is a message.</summary>
    private static bool TryFind(
        ReadOnlySpan<byte> body, int field, ref int position, ref int end, ref ProtobufMessage? message, out ProtobufMessage.Field found, out int index)
    {
        var counts = new Dictionary<uint, int>();
        var groups = 0;
        found = null!;
        index = 0;
        while (position <= field && position < end)
        {
            var start = position;
            if (!TryReadVarint(body, ref position, end, out var tag))
                return false;
            var number = (uint)(tag >> 3);
            var content = position;
            var known = groups == 0 ? message!.Find(number) : null;
            if (known is not null)
                counts[number] = index = counts.GetValueOrDefault(number, -1) + 1;
            switch (tag & 7)
            {
                case 0:
                    if (!TryReadVarint(body, ref position, end, out _))
                        position = end;
                    break;
                case 1:
                    position += 8;
                    break;
                case 2:
                    if (!TryReadVarint(body, ref position, end, out var length))
                        length = ulong.MaxValue;
                    content = position;
                    position += (int)Math.Min(length, (ulong)(end - position));
                    break;
                case 3:
                    groups++;
                    break;
                case 4:
                    groups--;
                    break;
                case 5:
                    position += 4;
                    break;
            }

            if (start != field && position <= field)
                continue;
            if (known is null)
                return false;
            found = known;
            message = start == field ? null : known.Message;
            end = Math.Min(position, end);
            position = content;
            return true;
        }

        return false;
    }

    private static bool TryReadVarint(ReadOnlySpan<byte> body, ref int position, int end, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70 && position < end; shift += 7)
        {
            var next = body[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }

        return false;
    }
}
