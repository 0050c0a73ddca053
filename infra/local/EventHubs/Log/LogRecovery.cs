using System.Globalization;

namespace Serverless.Local;

/// <summary>
/// What a partition's folder holds when it is opened. A crash can have left a part of the last commit group behind the last
/// durable event: none of it was acknowledged, and from the first record that is not whole on it is cut off. A record that is
/// not whole but was durable, which a later commit group tells, is damage and is never cut.
/// </summary>
internal sealed record LogRecovery(List<LogSegment> Segments, long LastSequence, long LastTicks)
{
    internal static LogRecovery Run(string folder)
    {
        var segments = Directory.GetFiles(folder, "*" + LogSegment.Extension)
            .Where(path => long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Order(StringComparer.Ordinal)
            .Select(LogSegment.Open)
            .ToList();
        try
        {
            if (segments.Count == 0)
                segments.Add(LogSegment.Create(folder, 0));
            foreach (var segment in segments[..^1])
            {
                if (segment.FirstTicks is null)
                    throw segment.Damaged(0);
            }

            var (lastSequence, lastTicks) = Recover(segments[^1]);
            if (lastTicks is null && segments.Count > 1)
                lastTicks = segments[^2].Headers(0).Last().Header.EnqueuedTicks;
            return new LogRecovery(segments, lastSequence, lastTicks ?? 0);
        }
        catch
        {
            foreach (var segment in segments)
                segment.Dispose();
            throw;
        }
    }

    private static (long LastSequence, long? LastTicks) Recover(LogSegment segment)
    {
        var next = segment.FirstSequence;
        long end = 0;
        long? ticks = null;
        var lastGroup = new List<(LogRecordHeader Header, long Position)>();
        foreach (var (header, position) in segment.Headers(0))
        {
            if (header.FirstSequence != next)
                break;
            // The records of earlier groups were durable before this one was written: only the last can be torn.
            if (lastGroup.Count > 0 && lastGroup[0].Header.GroupFirstSequence != header.GroupFirstSequence)
                lastGroup.Clear();
            lastGroup.Add((header, position));
            (next, end, ticks) = (header.NextSequence, position + header.TotalLength, header.EnqueuedTicks);
        }

        foreach (var (header, position) in lastGroup)
        {
            if (IsWhole(segment, header, position))
                continue;
            (next, end) = (header.FirstSequence, position);
            break;
        }

        if (end < segment.Length)
        {
            if (HasLaterGroup(segment, end, next))
                throw segment.Damaged(end);
            segment.Cut(end);
        }

        return (next - 1, ticks);
    }

    private static bool IsWhole(LogSegment segment, LogRecordHeader header, long position)
    {
        var payload = new byte[header.PayloadLength];
        return segment.Read(payload, position + LogRecordHeader.Size) == payload.Length && Crc32C.Compute(payload) == header.PayloadCrc;
    }

    /// <summary>Whether behind the position there is a record of a group that was begun after this sequence number was durable.</summary>
    private static bool HasLaterGroup(LogSegment segment, long position, long sequence)
    {
        const int windowBytes = 1 << 20;
        var window = new byte[windowBytes];
        while (position < segment.Length)
        {
            var read = window.AsSpan(0, segment.Read(window, position));
            var scanned = 0;
            for (int found; (found = read[scanned..].IndexOf(LogRecordHeader.Magic)) >= 0; scanned += found + 1)
            {
                if (LogRecordHeader.TryRead(read[(scanned + found)..], out var header) && header.GroupFirstSequence > sequence)
                    return true;
            }

            // The windows overlap by a header, so that none is missed at the seam.
            position += Math.Max(1, read.Length - LogRecordHeader.Size + 1);
        }

        return false;
    }
}
