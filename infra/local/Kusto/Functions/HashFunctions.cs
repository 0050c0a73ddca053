using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Local.Kusto;

/// <summary>Hashes. hash is XXH64 with seed 0 (xxhash.com's specification) over a text's UTF-8, or a number's eight bytes, low first.</summary>
internal static class HashFunctions
{
    private const ulong Prime1 = 11400714785074694791;
    private const ulong Prime2 = 14029467366897019727;
    private const ulong Prime3 = 1609587929392839161;
    private const ulong Prime4 = 9650029242287828579;
    private const ulong Prime5 = 2870177450012600261;

    public static void Register(FunctionTable table)
    {
        table.Row("hash", "al?", 'l', Hash);
        table.Row("hash_xxhash64", "al?", 'l', Hash);
        table.Row("hash_sha256", "a", 's', a => Value.String(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(a[0].ToString())))));
        // The language has these two; nothing here relies on their strength.
        table.Row("hash_sha1", "a", 's', a => Value.String(Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(a[0].ToString())))));
        table.Row("hash_md5", "a", 's', a => Value.String(Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(a[0].ToString())))));
    }

    private static Value Hash(Value[] a)
    {
        var hash = Xxh64(a[0]);
        if (a.Length == 1)
            return Value.Long(hash);
        if (a[1].AsLong <= 0)
            return Value.Null;
        var rest = hash % a[1].AsLong;
        return Value.Long(rest < 0 ? rest + a[1].AsLong : rest);
    }

    private static long Xxh64(Value value)
    {
        Span<byte> eight = stackalloc byte[8];
        switch (value.Kind)
        {
            case ValueKind.Int or ValueKind.Long or ValueKind.DateTime or ValueKind.TimeSpan or ValueKind.Bool:
                BinaryPrimitives.WriteInt64LittleEndian(eight, value.AsLong);
                return (long)Xxh64(eight);
            case ValueKind.Real:
                BinaryPrimitives.WriteDoubleLittleEndian(eight, value.AsReal);
                return (long)Xxh64(eight);
            case ValueKind.Guid:
                return (long)Xxh64(value.AsGuid.ToByteArray());
            default:
                return (long)Xxh64(Encoding.UTF8.GetBytes(value.ToString()));
        }
    }

    private static ulong Round(ulong accumulator, ulong lane) => BitOperations.RotateLeft(accumulator + (lane * Prime2), 31) * Prime1;

    private static ulong Xxh64(ReadOnlySpan<byte> data)
    {
        ulong hash;
        var rest = data;
        if (data.Length >= 32)
        {
            var (v1, v2, v3, v4) = (unchecked(Prime1 + Prime2), Prime2, 0UL, unchecked(0UL - Prime1));
            for (; rest.Length >= 32; rest = rest[32..])
            {
                v1 = Round(v1, BinaryPrimitives.ReadUInt64LittleEndian(rest));
                v2 = Round(v2, BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]));
                v3 = Round(v3, BinaryPrimitives.ReadUInt64LittleEndian(rest[16..]));
                v4 = Round(v4, BinaryPrimitives.ReadUInt64LittleEndian(rest[24..]));
            }
            hash = BitOperations.RotateLeft(v1, 1) + BitOperations.RotateLeft(v2, 7) + BitOperations.RotateLeft(v3, 12) + BitOperations.RotateLeft(v4, 18);
            foreach (var lane in (ReadOnlySpan<ulong>)[v1, v2, v3, v4])
                hash = ((hash ^ Round(0, lane)) * Prime1) + Prime4;
        }
        else
        {
            hash = Prime5;
        }
        hash += (ulong)data.Length;
        for (; rest.Length >= 8; rest = rest[8..])
            hash = (BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * Prime1) + Prime4;
        if (rest.Length >= 4)
        {
            hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1), 23) * Prime2) + Prime3;
            rest = rest[4..];
        }
        foreach (var one in rest)
            hash = BitOperations.RotateLeft(hash ^ (one * Prime5), 11) * Prime1;
        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }
}
