namespace Serverless.Tracing.Frames;

/// <summary>Some spans of one trace in a batch: the first one, and as many as there are behind it by <see cref="SpanEntry.NextInTrace"/>.</summary>
internal struct TraceGroup
{
    public ulong High;
    public ulong Low;
    public int First;
    public int Last;
    public int Count;
}
