namespace Serverless.Tracing.Protocols.Thrift;

/// <summary>What thrift calls its types.</summary>
internal static class ThriftNames
{
    public static string Of(ThriftType type) => type switch
    {
        ThriftType.Bool => "bool",
        ThriftType.Byte => "byte",
        ThriftType.Double => "double",
        ThriftType.I16 => "i16",
        ThriftType.I32 => "i32",
        ThriftType.I64 => "i64",
        ThriftType.String => "string",
        ThriftType.Struct => "struct",
        ThriftType.Map => "map",
        ThriftType.Set => "set",
        ThriftType.List => "list",
        ThriftType.Uuid => "uuid",
        _ => ((byte)type).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
