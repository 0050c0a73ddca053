using System.Globalization;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Storage;

/// <summary>The keys of the table <c>refused</c>: one partition, for its rows are few, the newest first.</summary>
internal static class RefusedRows
{
    /// <summary>The partition of all of them.</summary>
    public const string Partition = "refused";

    private const long LastMs = (1L << 48) - 1;

    /// <summary>The key of a refused request.</summary>
    public static string Key(ReceiptId id) => string.Create(CultureInfo.InvariantCulture, $"{LastMs - id.TimeMs:x12}{id.Random:x12}");
}
