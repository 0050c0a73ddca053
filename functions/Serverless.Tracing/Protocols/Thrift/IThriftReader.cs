using System.Diagnostics.CodeAnalysis;

namespace Serverless.Tracing.Protocols.Thrift;

/// <summary>
/// Reads the values of one body in one pass, whichever of thrift's protocols it is in. Every read is given the type that the field
/// (or list) announced, and refuses it where it is another one than the one read. Lengths and counts are checked against what is
/// left of the body before anybody can reserve memory for them; nesting is bounded.
/// </summary>
internal interface IThriftReader
{
    /// <summary>The byte that is read next.</summary>
    int Position { get; }

    /// <summary>The byte at which the field read last begins, or the end of the struct left last.</summary>
    int FieldOffset { get; }

    /// <summary>Reads the header of a call.</summary>
    /// <param name="isCall">False for replies and exceptions.</param>
    /// <returns>The name of the method.</returns>
    ReadOnlySpan<byte> ReadMessage(out bool isCall);

    /// <summary>Enters a struct.</summary>
    /// <returns>What <see cref="EndStruct"/> needs once <see cref="TryReadField"/> has said that the struct is over.</returns>
    short BeginStruct(ThriftType type);

    /// <summary>Reads the next field's header; false at the end of the struct.</summary>
    bool TryReadField(out ThriftType type, out short id);

    /// <summary>Goes back to the struct around the one that was entered.</summary>
    void EndStruct(short outer);

    /// <summary>Reads the header of a list or set; at least one byte of the body is left for each item.</summary>
    int ReadList(ThriftType type, out ThriftType item);

    bool ReadBool(ThriftType type);

    byte ReadByte(ThriftType type);

    short ReadI16(ThriftType type);

    int ReadI32(ThriftType type);

    long ReadI64(ThriftType type);

    double ReadDouble(ThriftType type);

    /// <summary>Reads text or bytes; text is not checked.</summary>
    ReadOnlySpan<byte> ReadBytes(ThriftType type);

    /// <summary>Leaves out a value that is not known or not wanted.</summary>
    void Skip(ThriftType type);

    /// <summary>Says where the text read last stops being UTF-8.</summary>
    [DoesNotReturn]
    void FailUtf8(ReadOnlySpan<byte> text);

    /// <summary>Refuses the body for what is wrong at a byte.</summary>
    [DoesNotReturn]
    void Fail(int offset, string reason);

    /// <summary>The path of the field that a byte belongs to.</summary>
    string PathOf(int offset);
}
