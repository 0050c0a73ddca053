using Serverless.Functions.Storage;

namespace Serverless.Functions.Accounting;

/// <summary>What all processes worked since the beginning, as far as it is written.</summary>
public sealed class WorkTotals
{
    private const byte Version = 1;

    // Labels are a closed list, but for receivers of alerts; others than these would be a defect.
    private const int MostKeys = 2_000;

    private readonly Dictionary<WorkKey, long> _counts = [];

    /// <summary>The counts.</summary>
    public IReadOnlyDictionary<WorkKey, long> Counts => _counts;

    /// <summary>The counts of a measure, by label.</summary>
    public IEnumerable<(string Label, long Count)> Of(string measure) =>
        _counts.Where(count => count.Key.Measure == measure).Select(count => (count.Key.Label, count.Value));

    /// <summary>The sum of a measure.</summary>
    public long Sum(string measure) => Of(measure).Sum(count => count.Count);

    /// <summary>Adds counts.</summary>
    public void Add(IEnumerable<KeyValuePair<WorkKey, long>> counts)
    {
        foreach (var (key, count) in counts)
        {
            var to = _counts.Count < MostKeys || _counts.ContainsKey(key) ? key : key with { Label = "(other)" };
            _counts[to] = _counts.GetValueOrDefault(to) + count;
        }
    }

    internal byte[] ToBytes(DateTimeOffset until) => RowContent.Write(Version, writer =>
    {
        writer.WriteNumber(until.UtcTicks);
        writer.WriteList([.. _counts], static (to, count) =>
        {
            to.Write(count.Key.Measure);
            to.Write(count.Key.Label);
            to.WriteNumber(count.Value);
        });
    });

    internal static (WorkTotals Totals, DateTimeOffset Until) FromRow(StoredRow row) => RowContent.Read(row.Data, Version, "sum of work", reader =>
    {
        var until = new DateTimeOffset(reader.ReadNumber(), TimeSpan.Zero);
        var totals = new WorkTotals();
        totals.Add(reader.ReadList(static from => KeyValuePair.Create(new WorkKey(from.ReadString(), from.ReadString()), from.ReadNumber())));
        return (totals, until);
    });
}
