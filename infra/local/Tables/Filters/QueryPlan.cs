using Serverless.Local.Tables.Storage;

namespace Serverless.Local.Tables.Filters;

/// <summary>
/// The rows that a query has to look at: those between the bounds that the filter's top-level conjunction puts on the
/// keys. The filter itself is still asked about each.
/// </summary>
/// <param name="From">The first key, encoded.</param>
/// <param name="To">The key to end before, encoded; null for no end.</param>
/// <param name="FilterHash">Where all keys share what Bloom filters know: its hash.</param>
internal sealed record QueryPlan(byte[] From, byte[]? To, ulong? FilterHash)
{
    // What follows a PartitionKey in encoded keys; and a byte above it that is in no key.
    private const byte Separator = 0;
    private const byte AboveSeparator = 1;

    public static QueryPlan For(Filter? filter)
    {
        var partition = new Bounds();
        var row = new Bounds();
        Narrow(filter, partition, row);
        return partition.Single is { } partitionKey ? InPartition(partitionKey, row) : AcrossPartitions(partition);
    }

    private static void Narrow(Filter? filter, Bounds partition, Bounds row)
    {
        if (filter is AndFilter both)
        {
            Narrow(both.Left, partition, row);
            Narrow(both.Right, partition, row);
        }
        // A zero is the separator in encoded keys; no stored key has one, so the bound is not worth keeping.
        else if (filter is KeyComparison comparison && !comparison.Text.Contains('\0', StringComparison.Ordinal))
        {
            (comparison.IsRowKey ? row : partition).Narrow(comparison.Operator, comparison.Text);
        }
    }

    private static QueryPlan InPartition(string partitionKey, Bounds row)
    {
        var prefix = KeyCodec.Encode(partitionKey, "");
        byte[] from = [.. prefix, .. row.Low is null ? [] : KeyCodec.EncodePart(row.Low), .. row.IsLowExcluded ? [Separator] : Array.Empty<byte>()];
        byte[] to = row.High is null
            ? [.. prefix[..^1], AboveSeparator]
            : [.. prefix, .. KeyCodec.EncodePart(row.High), .. row.IsHighExcluded ? Array.Empty<byte>() : [Separator]];
        return new QueryPlan(from, to, row.SharesFilteredPart ? BloomFilter.Hash(KeyCodec.FilteredPart(from)) : null);
    }

    private static QueryPlan AcrossPartitions(Bounds partition)
    {
        byte[] from = partition.Low is null
            ? []
            : [.. KeyCodec.EncodePart(partition.Low), .. partition.IsLowExcluded ? [AboveSeparator] : Array.Empty<byte>()];
        byte[]? to = partition.High is null
            ? null
            : [.. KeyCodec.EncodePart(partition.High), .. partition.IsHighExcluded ? Array.Empty<byte>() : [AboveSeparator]];
        return new QueryPlan(from, to, null);
    }

    /// <summary>What conjoined comparisons leave of the texts.</summary>
    private sealed class Bounds
    {
        public string? Low { get; private set; }

        public bool IsLowExcluded { get; private set; }

        public string? High { get; private set; }

        public bool IsHighExcluded { get; private set; }

        /// <summary>The one text that is left, if it is one.</summary>
        public string? Single => Low is not null && Low == High && !IsLowExcluded && !IsHighExcluded ? Low : null;

        /// <summary>Whether all texts that are left agree in what Bloom filters know of a RowKey.</summary>
        public bool SharesFilteredPart => Single is not null
            || (Low is { Length: >= KeyCodec.FilteredRowKeyUnits } && High is not null
                && High.StartsWith(Low[..KeyCodec.FilteredRowKeyUnits], StringComparison.Ordinal));

        public void Narrow(ComparisonOperator comparison, string text)
        {
            if (comparison is ComparisonOperator.Equal or ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual)
                NarrowLow(text, comparison == ComparisonOperator.Greater);
            if (comparison is ComparisonOperator.Equal or ComparisonOperator.Less or ComparisonOperator.LessOrEqual)
                NarrowHigh(text, comparison == ComparisonOperator.Less);
        }

        private void NarrowLow(string text, bool isExcluded)
        {
            var order = Low is null ? 1 : string.CompareOrdinal(text, Low);
            if (order < 0)
                return;
            IsLowExcluded = isExcluded || (order == 0 && IsLowExcluded);
            Low = text;
        }

        private void NarrowHigh(string text, bool isExcluded)
        {
            var order = High is null ? -1 : string.CompareOrdinal(text, High);
            if (order > 0)
                return;
            IsHighExcluded = isExcluded || (order == 0 && IsHighExcluded);
            High = text;
        }
    }
}
