namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>The annotations that have a meaning of their own in v1: they say which side of a call a host was, and when.</summary>
internal enum ZipkinV1Core : byte
{
    None,
    ClientSend,
    ClientReceive,
    ServerSend,
    ServerReceive,
    MessageSend,
    MessageReceive,
    WireSend,
    WireReceive,
}

/// <summary>The keys of binary annotations that have a meaning of their own in v1.</summary>
internal enum ZipkinV1Key : byte
{
    Tag,
    ClientAddress,
    ServerAddress,
    MessageAddress,
    LocalComponent,
}

/// <summary>The names of v1: zipkin-api's <c>zipkinCore.thrift</c>, and messaging's, which only Zipkin's code has.</summary>
internal static class ZipkinV1Names
{
    /// <summary>How many values <see cref="ZipkinV1Core"/> has.</summary>
    public const int CoreCount = (int)ZipkinV1Core.WireReceive + 1;

    /// <summary>What an annotation's value means.</summary>
    public static ZipkinV1Core CoreOf(ReadOnlySpan<byte> value) => value.Length != 2 ? ZipkinV1Core.None : (value[0], value[1]) switch
    {
        ((byte)'c', (byte)'s') => ZipkinV1Core.ClientSend,
        ((byte)'c', (byte)'r') => ZipkinV1Core.ClientReceive,
        ((byte)'s', (byte)'s') => ZipkinV1Core.ServerSend,
        ((byte)'s', (byte)'r') => ZipkinV1Core.ServerReceive,
        ((byte)'m', (byte)'s') => ZipkinV1Core.MessageSend,
        ((byte)'m', (byte)'r') => ZipkinV1Core.MessageReceive,
        ((byte)'w', (byte)'s') => ZipkinV1Core.WireSend,
        ((byte)'w', (byte)'r') => ZipkinV1Core.WireReceive,
        _ => ZipkinV1Core.None,
    };

    /// <summary>What a binary annotation's key means.</summary>
    public static ZipkinV1Key KeyOf(ReadOnlySpan<byte> key) => key.Length != 2 ? ZipkinV1Key.Tag : (key[0], key[1]) switch
    {
        ((byte)'c', (byte)'a') => ZipkinV1Key.ClientAddress,
        ((byte)'s', (byte)'a') => ZipkinV1Key.ServerAddress,
        ((byte)'m', (byte)'a') => ZipkinV1Key.MessageAddress,
        ((byte)'l', (byte)'c') => ZipkinV1Key.LocalComponent,
        _ => ZipkinV1Key.Tag,
    };
}
