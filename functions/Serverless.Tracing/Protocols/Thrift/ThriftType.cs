namespace Serverless.Tracing.Protocols.Thrift;

/// <summary>The types of thrift's values, with the binary protocol's numbers.</summary>
internal enum ThriftType : byte
{
    /// <summary>The end of a struct.</summary>
    Stop = 0,
    Bool = 2,
    Byte = 3,
    Double = 4,
    I16 = 6,
    I32 = 8,
    I64 = 10,

    /// <summary>Text or bytes: the protocols do not tell them apart.</summary>
    String = 11,
    Struct = 12,
    Map = 13,
    Set = 14,
    List = 15,
    Uuid = 16,
}
