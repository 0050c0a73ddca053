namespace Serverless.Tracing.Frames;

/// <summary>Where a span lies in a frame: its number, and where in the bytes given each column has what is its.</summary>
internal readonly record struct FramePosition(int Span, int Structure, int Texts, int Numbers, int Extras)
{
    /// <summary>The same place in bytes that begin so many later.</summary>
    public FramePosition MovedBack(int bytes) => new(Span, Structure - bytes, Texts - bytes, Numbers - bytes, Extras - bytes);
}
