using System.Text;
using Serverless.Local.Tables.Storage;

namespace Serverless.Tests.Local.Tables.Storage;

public sealed class KeyCodecTests
{
    [Fact]
    public void The_order_of_bytes_is_the_order_of_UTF16_units()
    {
        var random = new Random(1);
        var keys = Enumerable.Range(0, 300).Select(_ => (Partition: Text(random), Row: Text(random))).ToList();
        foreach (var left in keys)
        {
            foreach (var right in keys)
            {
                var order = string.CompareOrdinal(left.Partition, right.Partition);
                order = order != 0 ? order : string.CompareOrdinal(left.Row, right.Row);
                var encoded = KeyCodec.Encode(left.Partition, left.Row).AsSpan().SequenceCompareTo(KeyCodec.Encode(right.Partition, right.Row));
                Assert.Equal(Math.Sign(order), Math.Sign(encoded));
            }
        }
    }

    [Fact]
    public void Keys_come_back_whole_also_with_lone_surrogates()
    {
        var random = new Random(2);
        for (var i = 0; i < 1000; i++)
        {
            var (partition, row) = (Text(random), Text(random));
            var key = KeyCodec.Encode(partition, row);
            Assert.Equal(partition, KeyCodec.DecodePart(KeyCodec.PartitionKeyOf(key)));
            Assert.Equal(row, KeyCodec.DecodePart(KeyCodec.RowKeyOf(key)));
        }
    }

    [Theory]
    [InlineData("p", "0123456789abcdefXYZ", "p", "0123456789abcdef")]
    [InlineData("p", "0123456789abcdef", "p", "0123456789abcdef")]
    [InlineData("", "short", "", "short")]
    [InlineData("p", "éééééééééééééééé\uFFFF", "p", "éééééééééééééééé")]
    public void Filters_know_the_partition_key_and_16_units_of_the_row_key(string partition, string row, string knownPartition, string knownRow) =>
        Assert.Equal(KeyCodec.Encode(knownPartition, knownRow), KeyCodec.FilteredPart(KeyCodec.Encode(partition, row)).ToArray());

    [Fact]
    public void A_key_of_the_longest_parts_fits_the_bound() =>
        Assert.Equal(KeyCodec.MaxKeyBytes, KeyCodec.Encode(new string('\uFFFF', 512), new string('\uFFFF', 512)).Length);

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        for (var length = random.Next(4); length > 0; length--)
            text.Append((char)random.GetItems<int>([1, 'a', 'b', 0x7F, 0x80, 0x7FF, 0x800, 0xD800, 0xDC00, 0xFFFF], 1)[0]);
        return text.ToString();
    }
}
