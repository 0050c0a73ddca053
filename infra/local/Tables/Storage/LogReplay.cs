using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// Reads a log back. What a crash left unfinished at the end of the newest log was never acknowledged and is cut; damage
/// anywhere else is an error.
/// </summary>
internal static class LogReplay
{
    private static readonly byte[] MagicBytes = BitConverter.GetBytes(WriteBatch.Magic);

    /// <summary>Takes the rows of one record.</summary>
    public delegate void RowsHandler(long tableId, long version, WriteBatch.RowReader rows);

    /// <summary>Hands every record to <paramref name="replay"/>, and cuts the file where the last whole one ends.</summary>
    /// <returns>The length of the file after it.</returns>
    /// <exception cref="LocalPlatformException">A record is damaged that had been acknowledged.</exception>
    public static unsafe long Run(string path, bool isNewest, RowsHandler replay)
    {
        var length = new FileInfo(path).Length;
        if (length == 0)
            return 0;
        long end;
        using (var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read))
        using (var view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read))
        {
            byte* pointer = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            try
            {
                end = Replay(path, new ReadOnlySpan<byte>(pointer, checked((int)length)), isNewest, replay);
            }
            finally
            {
                view.SafeMemoryMappedViewHandle.ReleasePointer();
            }
        }

        if (end < length)
            Cut(path, end);
        return end;
    }

    private static int Replay(string path, ReadOnlySpan<byte> log, bool isNewest, RowsHandler replay)
    {
        var offset = 0;
        while (offset < log.Length)
        {
            var length = WholeRecordLength(log[offset..]);
            if (length == 0)
            {
                if (!isNewest || IsFollowedByLaterSync(log, offset))
                {
                    throw new LocalPlatformException(
                        $"The log '{path}' is damaged at offset {offset}, before its end. Restore the file from a copy; or, to go on without the writes that it holds, move it away.");
                }

                return offset;
            }

            var record = log.Slice(offset, length);
            var body = record[WriteBatch.HeaderBytes..^WriteBatch.TrailerBytes];
            var version = BinaryPrimitives.ReadInt64LittleEndian(record[^WriteBatch.TrailerBytes..]);
            var reader = new ByteReader(body);
            var tableId = reader.ReadVarint();
            replay(tableId, version, new WriteBatch.RowReader(body[reader.Position..]));
            offset += length;
        }

        return offset;
    }

    // The length of the record at the start, or 0 where there is none that is whole.
    private static int WholeRecordLength(ReadOnlySpan<byte> log)
    {
        if (log.Length < WriteBatch.HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(log) != WriteBatch.Magic)
            return 0;
        var length = BinaryPrimitives.ReadInt32LittleEndian(log[4..]);
        if (length < WriteBatch.TrailerBytes || length > log.Length - WriteBatch.HeaderBytes)
            return 0;
        var record = log[..(WriteBatch.HeaderBytes + length)];
        return BinaryPrimitives.ReadUInt32LittleEndian(record[8..]) == WriteBatch.Checksum(record) ? record.Length : 0;
    }

    // Whether a whole record after the offset was written when the offset was already on disk. The parts of one write may
    // reach the disk in any order, so whole records of the same write prove nothing.
    private static bool IsFollowedByLaterSync(ReadOnlySpan<byte> log, int offset)
    {
        for (var at = offset + 1; at < log.Length; at++)
        {
            var found = log[at..].IndexOf(MagicBytes);
            if (found < 0)
                return false;
            at += found;
            if (WholeRecordLength(log[at..]) > 0 && BinaryPrimitives.ReadUInt32LittleEndian(log[(at + 12)..]) > offset)
                return true;
        }

        return false;
    }

    private static void Cut(string path, long length)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.SetLength(handle, length);
        RandomAccess.FlushToDisk(handle);
    }
}
