using Serverless.Tracing.Frames;

namespace Serverless.Tracing.Protocols.Zipkin;

/// <summary>Orders annotations as Zipkin does before it converts them: by time, then by value; equal ones stay as they came.</summary>
internal sealed class ZipkinV1Order : IComparer<ZipkinV1Span.Annotation>
{
    /// <summary>The batch that has the texts.</summary>
    public SpanBatch Batch { get; set; } = null!;

    /// <inheritdoc/>
    public int Compare(ZipkinV1Span.Annotation x, ZipkinV1Span.Annotation y)
    {
        var byTime = x.Timestamp.CompareTo(y.Timestamp);
        if (byTime != 0)
            return byTime;
        var byValue = x.Value == y.Value ? 0 : Batch.Text(x.Value).SequenceCompareTo(Batch.Text(y.Value));
        return byValue != 0 ? byValue : x.Order.CompareTo(y.Order);
    }

    /// <summary>Sorts annotations; those of most senders are in order already.</summary>
    public void Sort(Span<ZipkinV1Span.Annotation> annotations)
    {
        for (var i = 1; i < annotations.Length; i++)
        {
            if (Compare(annotations[i - 1], annotations[i]) <= 0)
                continue;
            annotations.Sort(this);
            return;
        }
    }
}
