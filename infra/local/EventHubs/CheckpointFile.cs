using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Serverless.Local;

/// <summary>
/// One number that survives a crash at any point: two slots, 4,096 bytes apart, written in turn, so that the older is whole
/// while the newer is being written. A slot, little-endian: CRC-32C of the rest (uint32), 0 (uint32), generation, value (int64 each).
/// </summary>
internal sealed class CheckpointFile : IDisposable
{
    private const int SlotSize = 24;
    private const int SlotDistance = 4096;

    private readonly string _path;
    private readonly Lock _gate = new();
    private SafeFileHandle? _handle;
    private long _generation;
    private long? _value;

    internal CheckpointFile(string path)
    {
        _path = path;
        if (!File.Exists(path))
            return;
        _handle = Open();
        Span<byte> slot = stackalloc byte[SlotSize];
        for (var i = 0; i < 2; i++)
        {
            if (RandomAccess.Read(_handle, slot, i * SlotDistance) < SlotSize
                || BinaryPrimitives.ReadUInt32LittleEndian(slot) != Crc32C.Compute(slot[sizeof(uint)..]))
                continue;
            var generation = BinaryPrimitives.ReadInt64LittleEndian(slot[8..]);
            if (generation > _generation)
                (_generation, _value) = (generation, BinaryPrimitives.ReadInt64LittleEndian(slot[16..]));
        }

        if (_value is null)
        {
            _handle.Dispose();
            throw new LocalPlatformException(
                $"The checkpoint '{path}' is damaged. Delete it to have all events that are kept processed again, or restore it from a copy.");
        }
    }

    internal long? Value
    {
        get
        {
            lock (_gate)
                return _value;
        }
    }

    internal void Set(long value)
    {
        Span<byte> slot = stackalloc byte[SlotSize];
        lock (_gate)
        {
            var generation = _generation + 1;
            slot.Clear();
            BinaryPrimitives.WriteInt64LittleEndian(slot[8..], generation);
            BinaryPrimitives.WriteInt64LittleEndian(slot[16..], value);
            BinaryPrimitives.WriteUInt32LittleEndian(slot, Crc32C.Compute(slot[sizeof(uint)..]));
            if (_handle is null)
            {
                // The first generation is odd and so belongs into the second slot; the first stays empty.
                Span<byte> content = new byte[SlotDistance + SlotSize];
                slot.CopyTo(content[SlotDistance..]);
                LogDirectory.Create(Path.GetDirectoryName(_path)!);
                LogDirectory.WriteFile(_path, content);
                _handle = Open();
            }
            else
            {
                RandomAccess.Write(_handle, slot, generation % 2 * SlotDistance);
                RandomAccess.FlushToDisk(_handle);
            }

            (_generation, _value) = (generation, value);
        }
    }

    public void Dispose() => _handle?.Dispose();

    private SafeFileHandle Open() => File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
}
