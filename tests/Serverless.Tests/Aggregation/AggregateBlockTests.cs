using System.Buffers.Binary;
using Serverless.Tests.Assembly;
using Serverless.Tracing.Aggregation;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Frames;

namespace Serverless.Tests.Aggregation;

public sealed class AggregateBlockTests
{
    private const int HeadBytes = 5;

    [Fact]
    public void A_block_is_of_one_kind_and_hour()
    {
        var blocks = Blocks(40);

        Assert.Equal([AggregateKind.Red, AggregateKind.Links], blocks.Select(block => block.Kind).Distinct());
        Assert.All(blocks, block => Assert.Equal((long)(SampleSpan.Origin / 3_600_000_000_000), block.Hour));
        Assert.All(blocks, block => Assert.Equal(0, block.Part));
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_noticed()
    {
        foreach (var block in Blocks(3))
        {
            for (var at = 0; at < block.Bytes.Length; at++)
            {
                var bytes = block.Bytes.ToArray();
                bytes[at] ^= 0x10;
                Assert.Throws<FrameFormatException>(() => new TraceAggregates().Merge(bytes));
            }
        }
    }

    [Fact]
    public void A_block_that_is_cut_off_anywhere_is_noticed()
    {
        foreach (var block in Blocks(3))
        {
            for (var length = 0; length < block.Bytes.Length; length++)
                Assert.Throws<FrameFormatException>(() => new TraceAggregates().Merge(block.Bytes.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Bytes_with_a_right_checksum_that_make_no_sense_end_in_a_format_error_or_not_at_all()
    {
        var random = new Random(11);
        var blocks = Blocks(40);
        var errors = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = blocks[random.Next(blocks.Count)].Bytes.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                bytes[random.Next(HeadBytes, bytes.Length)] = (byte)random.Next(256);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), EventEnvelope.Crc32C(bytes.AsSpan(HeadBytes)));
            try
            {
                new TraceAggregates().Merge(bytes);
            }
            catch (FrameFormatException)
            {
                errors++;
            }
        }

        Assert.InRange(errors, 500, 10_000);
    }

    [Fact]
    public void Another_version_is_named()
    {
        var bytes = Blocks(1)[0].Bytes.ToArray();
        bytes[0] = 9;

        Assert.Equal(
            "Not a frame: an aggregate block of version 9 where 1 was expected at byte 0.",
            Assert.Throws<FrameFormatException>(() => new TraceAggregates().Merge(bytes)).Message);
    }

    [Fact]
    public void More_than_a_block_holds_is_cut_into_parts_that_add_up()
    {
        var aggregates = new TraceAggregates();
        var random = new Random(4);
        // Names that do not compress.
        for (var i = 0; !aggregates.IsFull; i++)
        {
            aggregates.Add(AssembledTrace.Assemble(
                [SampleSpan.Of(1, service: $"s{i / 400}", name: string.Create(250, random, static (chars, random) =>
                {
                    for (var at = 0; at < chars.Length; at++)
                        chars[at] = (char)random.Next(0x4E00, 0x9FFF);
                }))]), 1);
        }

        var blocks = aggregates.ToBlocks();
        Assert.Equal(Enumerable.Range(0, blocks.Count), blocks.Select(block => block.Part));
        Assert.InRange(blocks.Count, 2, 4);
        var read = new TraceAggregates();
        foreach (var block in blocks)
            read.Merge(block);
        Assert.Equal(aggregates.Red.Select(entry => entry.Operation).Order(StringComparer.Ordinal), read.Red.Select(entry => entry.Operation).Order(StringComparer.Ordinal));
    }

    private static IReadOnlyList<AggregateBlock> Blocks(int traces)
    {
        var aggregates = new TraceAggregates();
        for (var seed = 0; seed < traces; seed++)
            aggregates.Add(AssembledTrace.Assemble(SampleGraphs.Make(seed)), 1);
        aggregates.Add(AssembledTrace.Assemble([SampleSpan.Of(1, kind: Serverless.Tracing.Model.SpanKind.Client, remote: "db")]), 1);
        return aggregates.ToBlocks();
    }
}
