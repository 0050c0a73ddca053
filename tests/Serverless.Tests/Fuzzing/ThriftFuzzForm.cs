namespace Serverless.Tests.Fuzzing;

/// <summary>What a thrift body begins with.</summary>
internal enum ThriftFuzzForm
{
    /// <summary>A bare list.</summary>
    List,

    /// <summary>A bare struct.</summary>
    Struct,

    /// <summary>A call in the binary protocol.</summary>
    BinaryMessage,

    /// <summary>A call in the compact protocol. It is written, but read from the binary form.</summary>
    CompactMessage,
}
