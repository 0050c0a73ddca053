using System.Buffers.Binary;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>
/// Reads IP addresses as Zipkin's Endpoint does: dotted IPv4 in full, IPv6 in all its spellings, IPv4 inside IPv6
/// (<c>::ffff:1.2.3.4</c>, <c>::1.2.3.4</c>) as IPv4. Host names, zones and shortened IPv4 are no addresses.
/// </summary>
internal static class IpText
{
    private const int Groups = 8;

    /// <summary>Reads an address; one of the two is set where the text is one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out uint? ipv4, out UInt128? ipv6)
    {
        ipv4 = null;
        ipv6 = null;
        if (!text.Contains((byte)':'))
        {
            if (!TryParseV4(text, out var address))
                return false;
            ipv4 = address;
            return true;
        }

        if (!TryParseV6(text, out var wide))
            return false;
        // ::ffff:0:0/96 is IPv4-mapped; ::/96 is IPv4-compatible where its author wrote dots, else :: and ::1 and the like.
        var upper = (ulong)(wide >> 32);
        if (upper == 0xffff && (wide >> 96) == 0 || (wide >> 32) == 0 && text.Contains((byte)'.'))
            ipv4 = (uint)wide;
        else
            ipv6 = wide;
        return true;
    }

    /// <summary>Reads four decimal numbers with dots between them.</summary>
    public static bool TryParseV4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        var parts = 0;
        var value = -1;
        var digits = 0;
        foreach (var c in text)
        {
            if (c == '.')
            {
                if (value < 0 || ++parts > 3)
                    return false;
                address = (address << 8) | (uint)value;
                value = -1;
                digits = 0;
            }
            else if (char.IsAsciiDigit((char)c) && ++digits <= 3)
            {
                value = (value < 0 ? 0 : value * 10) + c - '0';
                if (value > 255)
                    return false;
            }
            else
            {
                return false;
            }
        }

        address = (address << 8) | (uint)Math.Max(value, 0);
        return parts == 3 && value >= 0;
    }

    private static bool TryParseV6(ReadOnlySpan<byte> text, out UInt128 address)
    {
        address = default;
        Span<byte> bytes = stackalloc byte[2 * Groups];
        var groups = 0;
        var gap = -1;
        var at = 0;
        if (text.StartsWith("::"u8))
        {
            gap = 0;
            at = 2;
        }

        while (at < text.Length)
        {
            var rest = text[at..];
            var end = rest.IndexOf((byte)':');
            var part = end < 0 ? rest : rest[..end];
            if (end < 0 && part.Contains((byte)'.'))
            {
                if (groups > Groups - 2 || !TryParseV4(part, out var last))
                    return false;
                BinaryPrimitives.WriteUInt32BigEndian(bytes[(2 * groups)..], last);
                groups += 2;
                break;
            }

            if (groups == Groups || !TryParseGroup(part, out var group))
                return false;
            BinaryPrimitives.WriteUInt16BigEndian(bytes[(2 * groups++)..], group);
            if (end < 0)
                break;
            at += end + 1;
            if (at == text.Length)
                return false;
            if (text[at] != ':')
                continue;
            if (gap >= 0)
                return false;
            gap = groups;
            at++;
        }

        if (gap < 0 ? groups != Groups : groups == Groups)
            return false;
        if (gap >= 0)
        {
            var tail = 2 * (groups - gap);
            bytes.Slice(2 * gap, tail).CopyTo(bytes[(bytes.Length - tail)..]);
            bytes[(2 * gap)..(bytes.Length - tail)].Clear();
        }

        address = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return true;
    }

    private static bool TryParseGroup(ReadOnlySpan<byte> text, out ushort group)
    {
        group = 0;
        if (text.Length is 0 or > 4)
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit((char)c))
                return false;
            group = (ushort)((group << 4) | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10));
        }

        return true;
    }
}
