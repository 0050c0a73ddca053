namespace Serverless.Tracing.Ledger;

/// <summary>The attributes of a resource that tell who sent its spans, each with a number.</summary>
internal static class SenderKeys
{
    public const int SdkName = 0;
    public const int SdkLanguage = 1;
    public const int SdkVersion = 2;
    public const int JaegerVersion = 3;

    /// <summary>The first of those that name an instance, in the order in which they do (<see cref="Assembly.SpanOrigin"/>).</summary>
    public const int FirstInstance = 4;

    /// <summary>How many there are.</summary>
    public const int Count = 11;

    private static readonly string[] Names =
    [
        "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version", "jaeger.version", .. Assembly.SpanOrigin.InstanceKeys,
    ];

    private static readonly byte[][] Utf8Names = [.. Names.Select(System.Text.Encoding.UTF8.GetBytes)];

    /// <summary>The number of a key, or -1.</summary>
    public static int Find(ReadOnlySpan<byte> key)
    {
        // Most keys of resources are none of these, and most have another length.
        const int lengths = (1 << 18) | (1 << 22) | (1 << 21) | (1 << 14) | (1 << 19) | (1 << 12) | (1 << 9) | (1 << 8) | (1 << 2) | (1 << 7);
        if (key.Length > 22 || ((lengths >> key.Length) & 1) == 0)
            return -1;
        for (var i = 0; i < Utf8Names.Length; i++)
        {
            if (key.SequenceEqual(Utf8Names[i]))
                return i;
        }

        return -1;
    }

    /// <summary>The number of a key, or -1.</summary>
    public static int Find(string key) => Array.IndexOf(Names, key);
}
