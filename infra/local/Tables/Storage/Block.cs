namespace Serverless.Local.Tables.Storage;

/// <summary>A block's content in memory.</summary>
/// <param name="Bytes">The content, and what may follow it.</param>
/// <param name="Length">The content's length.</param>
internal readonly record struct Block(byte[] Bytes, int Length)
{
    public ReadOnlySpan<byte> Content => Bytes.AsSpan(0, Length);
}
