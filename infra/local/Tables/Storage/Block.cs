namespace Serverless.Local.Tables.Storage;

/// <summary>A block's content in memory.</summary>
/// <param name="Bytes">The content, and what may follow it.</param>
/// <param name="Length">The content's length.</param>
/// <param name="Points">Where seeks may begin; null where they begin at the start.</param>
internal readonly record struct Block(byte[] Bytes, int Length, SeekPoints? Points = null)
{
    public ReadOnlySpan<byte> Content => Bytes.AsSpan(0, Length);
}
