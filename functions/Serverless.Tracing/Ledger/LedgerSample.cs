namespace Serverless.Tracing.Ledger;

/// <summary>A request that was refused, and the beginning of its body, for those who look for the cause.</summary>
public sealed record LedgerSample
{
    /// <summary>How many bytes of a body are kept.</summary>
    public const int MostBytes = 1_024;

    /// <summary>The longest text of a sample in characters.</summary>
    public const int LongestText = 400;

    /// <summary>The request.</summary>
    public required ReceiptId Id { get; init; }

    /// <summary>Who sent it, as far as that is known.</summary>
    public required LedgerSource Source { get; init; }

    /// <summary>Why it was refused.</summary>
    public required LedgerReason Reason { get; init; }

    /// <summary>The HTTP status that it was answered with.</summary>
    public required int Status { get; init; }

    /// <summary>What its sender was told.</summary>
    public string Message { get; init; } = "";

    /// <summary>The path that it was sent to.</summary>
    public string Path { get; init; } = "";

    /// <summary>Its content type.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>Its content encoding; the body is as it came.</summary>
    public string ContentEncoding { get; init; } = "";

    /// <summary>How long the body was, as far as it came or was announced; -1 where neither is known.</summary>
    public long BodyLength { get; init; } = -1;

    /// <summary>The first bytes of the body, as it came.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>Whether that is all of it, so that it can be sent again.</summary>
    public bool IsWhole => Body.Length == BodyLength;
}
