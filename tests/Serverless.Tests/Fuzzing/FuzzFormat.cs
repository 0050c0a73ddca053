namespace Serverless.Tests.Fuzzing;

/// <summary>Takes bodies of a format apart, whatever they are about, and puts them together again.</summary>
internal abstract class FuzzFormat
{
    /// <summary>The body's values, or null where it is not well-formed.</summary>
    public abstract FuzzNode? Parse(ReadOnlySpan<byte> body);

    /// <summary>The body of values.</summary>
    public abstract byte[] Write(FuzzNode root);

    /// <summary>Gives a value without children another content, often of another type.</summary>
    public abstract void ChangeLeaf(FuzzNode leaf, Random random);

    /// <summary>Another name for a value.</summary>
    public abstract string ChangeName(string name, Random random);
}
