using System.Globalization;
using Serverless.Tracing.Model;

namespace Serverless.Functions.Storage;

/// <summary>The keys of the table <c>names</c>: a partition for each kind of name; the row's bytes are the name in UTF-8.</summary>
internal static class NameKeys
{
    /// <summary>Services.</summary>
    public const string Services = "service";

    /// <summary>Operations, below their service and kind.</summary>
    public const string Operations = "operation";

    /// <summary>Services on the other side of a service's calls, below it.</summary>
    public const string RemoteServices = "remote";

    /// <summary>Keys of attributes, below their service.</summary>
    public const string TagKeys = "tag";

    /// <summary>Values of the attributes whose values are noted, below the attribute's key.</summary>
    public const string TagValues = "value";

    /// <summary>The key of a service.</summary>
    public static string Service(string service) => $"{RowKeys.Name(service)}|";

    /// <summary>The key of an operation.</summary>
    public static string Operation(string service, SpanKind kind, string operation) => string.Create(
        CultureInfo.InvariantCulture, $"{RowKeys.Name(service)}|{(int)kind}|{RowKeys.Name(operation)}");

    /// <summary>The kind that an operation's key tells.</summary>
    public static SpanKind Kind(string rowKey) => (SpanKind)(rowKey[rowKey.IndexOf('|', StringComparison.Ordinal) + 1] - '0');

    /// <summary>The key of something else below a service, or of a value below its attribute's key.</summary>
    public static string Item(string service, string item) => $"{RowKeys.Name(service)}|{RowKeys.Name(item)}";
}
