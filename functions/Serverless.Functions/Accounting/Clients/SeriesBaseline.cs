using Serverless.Functions.Storage;
using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting.Clients;

/// <summary>
/// Up to where a running total is counted. A total that begins anew is another series, so what was lost is how far it got, in whatever order its points
/// come. One whose start is not known counts from its first point on.
/// </summary>
internal sealed class SeriesBaseline
{
    private long _value;
    private ulong _timeNs;

    /// <summary>When it was last heard of, in hours since 1970.</summary>
    public long SeenHour { get; set; }

    /// <summary>How many more spans were lost than were counted.</summary>
    public long Follow(LedgerSeriesReport report, bool isFirst)
    {
        var lost = isFirst && report.StartNs == 0 ? 0 : report.Value - _value;
        if (lost < 0)
        {
            // An old point says nothing. A new one says that it began anew, without telling so.
            if (report.TimeNs <= _timeNs)
                return 0;
            lost = report.Value;
        }

        _value = report.Value;
        _timeNs = Math.Max(_timeNs, report.TimeNs);
        return lost;
    }

    public void Write(BinaryWriter writer)
    {
        writer.WriteNumber(_value);
        writer.WriteNumber((long)_timeNs);
        writer.WriteNumber(SeenHour);
    }

    public static SeriesBaseline Read(BinaryReader reader) =>
        new() { _value = reader.ReadNumber(), _timeNs = (ulong)reader.ReadNumber(), SeenHour = reader.ReadNumber() };
}
