using Serverless.Functions.Storage;
using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Accounting.Clients;

/// <summary>
/// Up to where a Jaeger client's batches are counted. Its first batch to come is the base, as with Jaeger's agent: what was before is not known,
/// except that the client had just begun where that is number 1. Within the last <see cref="Remembered"/> numbers the order does not matter.
/// </summary>
internal sealed class BatchBaseline
{
    /// <summary>How many numbers back a batch that comes late is recognised.</summary>
    public const int Remembered = 128;

    // Nobody loses so many at once: numbers that jump further are others.
    private const int LargestGap = 1 << 16;

    // A client that numbers anew under its old id is recognised by a number this low, and far behind.
    private const int LowNumber = 64;

    private long _first;
    private long _last;

    // Where an earlier numbering under the same id ended, or 0.
    private long _earlier;
    private JaegerClientDrops? _firstDrops;
    private JaegerClientDrops? _lastDrops;

    // Bit n stands for number _last - n: set if it came.
    private UInt128 _seen;

    /// <summary>When it was last heard of, in hours since 1970.</summary>
    public long SeenHour { get; set; }

    /// <summary>What a batch says that was not counted yet: numbers that are missing (negative: one that was is not), and spans lost.</summary>
    public (long Missing, JaegerClientDrops Lost) Follow(in NumberedBatch batch, bool isFirst)
    {
        var ahead = isFirst ? 0 : (Int128)batch.SeqNo - _last;
        if (isFirst)
            return (0, Begin(batch));
        if (ahead <= -Remembered && batch.SeqNo is >= 1 and <= LowNumber)
        {
            _earlier = _last;
            return (0, Begin(batch));
        }

        // One that was still on its way when the client began anew is not the new numbering's.
        if (ahead > Remembered && _earlier != 0 && Int128.Abs((Int128)batch.SeqNo - _earlier) <= Remembered)
            return default;
        if (ahead > LargestGap)
            return (0, Begin(batch));
        if (ahead > 0)
            return GoOn(batch, (int)ahead);
        return ahead > -Remembered ? TakeLate(batch, (int)-ahead) : default;
    }

    public void Write(BinaryWriter writer)
    {
        writer.WriteNumber(_first);
        writer.WriteNumber(_last);
        writer.WriteNumber(_earlier);
        ClientReports.WriteHash(writer, _seen);
        WriteDrops(writer, _firstDrops);
        WriteDrops(writer, _lastDrops);
        writer.WriteNumber(SeenHour);
    }

    public static BatchBaseline Read(BinaryReader reader) => new()
    {
        _first = reader.ReadNumber(), _last = reader.ReadNumber(), _earlier = reader.ReadNumber(), _seen = ClientReports.ReadHash(reader),
        _firstDrops = ReadDrops(reader), _lastDrops = ReadDrops(reader), SeenHour = reader.ReadNumber(),
    };

    private JaegerClientDrops Begin(in NumberedBatch batch)
    {
        _first = _last = batch.SeqNo;
        _seen = 1;
        _firstDrops = _lastDrops = batch.Drops;
        return batch is { SeqNo: 1, Drops: { } drops } ? Risen(drops, default) : default;
    }

    private (long Missing, JaegerClientDrops Lost) GoOn(in NumberedBatch batch, int ahead)
    {
        _seen = ahead >= Remembered ? 1 : (_seen << ahead) | 1;
        _last = batch.SeqNo;
        if (batch.Drops is not { } drops)
            return (ahead - 1, default);
        var lost = _lastDrops is { } before ? Risen(drops, before) : default;
        _lastDrops = drops;
        _firstDrops ??= drops;
        return (ahead - 1, lost);
    }

    private (long Missing, JaegerClientDrops Lost) TakeLate(in NumberedBatch batch, int behind)
    {
        var bit = UInt128.One << behind;
        if ((_seen & bit) != 0)
            return default;
        _seen |= bit;
        if (batch.SeqNo >= _first)
            return (-1, default);
        // It came before what was taken for the first one, and what lies between is missing now.
        var missing = _first - batch.SeqNo - 1;
        _first = batch.SeqNo;
        if (batch.Drops is not { } drops)
            return (missing, default);
        var lost = _firstDrops is { } after ? Risen(after, drops) : default;
        _firstDrops = drops;
        return (missing, batch.SeqNo == 1 ? Sum(lost, Risen(drops, default)) : lost);
    }

    // Totals only rise; one that fell is not a total, and negative ones are not counts.
    private static JaegerClientDrops Risen(JaegerClientDrops now, JaegerClientDrops before) => new(
        Risen(now.FullQueue, before.FullQueue), Risen(now.TooLarge, before.TooLarge), Risen(now.SendFailures, before.SendFailures));

    private static long Risen(long now, long before) => now > before && before >= 0 ? now - before : 0;

    private static JaegerClientDrops Sum(JaegerClientDrops a, JaegerClientDrops b) =>
        new(a.FullQueue + b.FullQueue, a.TooLarge + b.TooLarge, a.SendFailures + b.SendFailures);

    private static void WriteDrops(BinaryWriter writer, JaegerClientDrops? drops)
    {
        writer.Write(drops is not null);
        if (drops is { } totals)
            ClientReports.WriteDrops(writer, totals);
    }

    private static JaegerClientDrops? ReadDrops(BinaryReader reader) => reader.ReadBoolean() ? ClientReports.ReadDrops(reader) : null;
}
