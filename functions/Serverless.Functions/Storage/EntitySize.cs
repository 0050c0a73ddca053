namespace Serverless.Functions.Storage;

/// <summary>How many bytes of storage a row takes, as the table service bills it.</summary>
/// <remarks>
/// "Understanding Windows Azure Storage Billing" (Azure Storage team): 4 bytes, 2 for each character of both keys, and for each property 8, 2 for each
/// character of its name, and its value; of binary ones 4 and the bytes.
/// </remarks>
internal static class EntitySize
{
    private const int PerEntity = 4;
    private const int PerProperty = 8 + 4;
    private const int PerCharacter = 2;
    private const int MaxPropertyBytes = 64 * 1024;

    /// <summary>The size of a row with so many bytes of content.</summary>
    public static long Of(string partitionKey, string rowKey, long dataBytes)
    {
        var properties = Math.Max(1, (dataBytes + MaxPropertyBytes - 1) / MaxPropertyBytes);
        // The first is "d", then come d1 to d9 and d10 to d13.
        var names = 1 + (2 * Math.Clamp(properties - 1, 0, 9)) + (3 * Math.Max(0, properties - 10));
        return PerEntity + (PerCharacter * ((long)partitionKey.Length + rowKey.Length + names)) + (PerProperty * properties) + dataBytes;
    }
}
