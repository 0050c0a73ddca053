using System.Buffers.Binary;

namespace Serverless.Local.Tables.Storage;

/// <summary>
/// The rows of one transaction, encoded as the log record that makes them durable:
/// <code>
/// header   magic u32, length u32, crc-32c u32, synced u32
/// body     table id varint, rows (key length u16, value length i32 or -1 for a delete, key, value)
/// trailer  version i64
/// </code>
/// Length counts body and trailer. The checksum covers body, trailer, then length and synced. Synced is how much of the
/// file was known to be on disk when the record was written: a damaged record below it is damage, not a torn write.
/// All numbers are little-endian.
/// </summary>
internal sealed class WriteBatch : IDisposable
{
    public const int HeaderBytes = 16;
    public const int TrailerBytes = 8;

    /// <summary>"TLOG".</summary>
    public const uint Magic = 0x474F4C54;

    private const int Deleted = -1;
    private const int RowHeaderBytes = 6;

    private readonly ByteWriter _bytes;
    private readonly int _rowsStart;
    private int _lengthStart;
    private int _valueStart;

    public WriteBatch(long tableId, int capacity = 4096)
    {
        _bytes = new ByteWriter(capacity);
        _bytes.Append(HeaderBytes);
        _bytes.WriteVarint(tableId);
        _rowsStart = _bytes.Length;
    }

    /// <summary>The bytes that it takes in the log, once sealed.</summary>
    public int Length => _bytes.Length;

    public ReadOnlyMemory<byte> Record => _bytes.WrittenMemory;

    public RowReader Rows => new(_bytes.Written[_rowsStart..]);

    /// <summary>Begins a row; its value is what is appended to the returned writer before <see cref="EndRow"/>.</summary>
    public ByteWriter BeginRow(ReadOnlySpan<byte> key)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.Append(2), (ushort)key.Length);
        _lengthStart = _bytes.Length;
        _bytes.WriteInt32(0);
        _bytes.Write(key);
        _valueStart = _bytes.Length;
        return _bytes;
    }

    public void EndRow() => SetValueLength(_bytes.Length - _valueStart);

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        BeginRow(key).Write(value);
        EndRow();
    }

    public void Delete(ReadOnlySpan<byte> key)
    {
        BeginRow(key);
        SetValueLength(Deleted);
    }

    /// <summary>Completes body and trailer. <see cref="Rows"/> must not be read after it.</summary>
    public void Seal(long version) => _bytes.WriteInt64(version);

    /// <summary>Completes the header; the last thing before the record is written.</summary>
    public void WriteHeader(long synced)
    {
        var header = _bytes.Written[..HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Length - HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], checked((uint)synced));
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Checksum(_bytes.Written));
    }

    /// <summary>The checksum of a whole record: of all that follows the header, then of the header's length and synced.</summary>
    public static uint Checksum(ReadOnlySpan<byte> record)
    {
        var crc = Crc32C.Compute(record[HeaderBytes..]);
        return Crc32C.Extend(Crc32C.Extend(crc, record.Slice(4, 4)), record.Slice(12, 4));
    }

    public void Dispose() => _bytes.Dispose();

    private void SetValueLength(int length) =>
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.Written[_lengthStart..], length);

    /// <summary>Reads the rows of a batch, in the order in which they were added.</summary>
    internal ref struct RowReader(ReadOnlySpan<byte> rows)
    {
        private ReadOnlySpan<byte> _rest = rows;

        public ReadOnlySpan<byte> Key { get; private set; }

        public ReadOnlySpan<byte> Value { get; private set; }

        public bool IsDelete { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            var keyLength = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
            var valueLength = BinaryPrimitives.ReadInt32LittleEndian(_rest[2..]);
            IsDelete = valueLength == Deleted;
            valueLength = Math.Max(valueLength, 0);
            Key = _rest.Slice(RowHeaderBytes, keyLength);
            Value = _rest.Slice(RowHeaderBytes + keyLength, valueLength);
            _rest = _rest[(RowHeaderBytes + keyLength + valueLength)..];
            return true;
        }
    }
}
