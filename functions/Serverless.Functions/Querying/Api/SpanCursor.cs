using System.Globalization;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;

namespace Serverless.Functions.Querying.Api;

/// <summary>Where a page of a trace's spans ended: a place in the order of the tree, and what the trace was then.</summary>
/// <param name="Place">The place of the next span.</param>
/// <param name="Tree">A checksum of the ids in their order, by which it shows that the trace has grown or changed.</param>
internal readonly record struct SpanCursor(int Place, uint Tree)
{
    /// <summary>Reads a cursor; null where it is none.</summary>
    public static SpanCursor? Read(string text) =>
        text.Length == 16
        && int.TryParse(text.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var place) && place >= 0
        && uint.TryParse(text.AsSpan(8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var tree)
            ? new SpanCursor(place, tree)
            : null;

    /// <summary>The checksum of a tree.</summary>
    public static uint Of(TraceTree tree)
    {
        var bytes = new byte[tree.Count * sizeof(ulong)];
        for (var place = 0; place < tree.Count; place++)
            BitConverter.TryWriteBytes(bytes.AsSpan(place * sizeof(ulong)), tree[tree.Order[place]].Id.Value);
        return EventEnvelope.Crc32C(bytes);
    }

    /// <summary>The cursor as callers get it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Place:x8}{Tree:x8}");
}
