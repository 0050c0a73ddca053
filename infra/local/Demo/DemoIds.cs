namespace Serverless.Local;

/// <summary>Ids as tracers make them: random, lower-case hex, never all zero.</summary>
internal static class DemoIds
{
    /// <summary>An id of <paramref name="bytes"/> random bytes.</summary>
    public static string Next(Random random, int bytes)
    {
        Span<byte> id = stackalloc byte[bytes];
        do
            random.NextBytes(id);
        while (!id.ContainsAnyExcept((byte)0));
        return Convert.ToHexStringLower(id);
    }

    /// <summary>A version 4 UUID, as Envoy makes for x-request-id.</summary>
    public static string NextUuid(Random random)
    {
        Span<byte> id = stackalloc byte[16];
        random.NextBytes(id);
        id[6] = (byte)((id[6] & 0x0F) | 0x40);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true).ToString("D");
    }
}
