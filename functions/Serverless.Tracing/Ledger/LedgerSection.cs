namespace Serverless.Tracing.Ledger;

/// <summary>
/// What an event of the hub <c>spans</c> tells the ledger, beside its frames: the counts travel with the data that they count, and are as
/// durable. Bounded in all its parts; used by one at a time.
/// </summary>
public sealed class LedgerSection
{
    /// <summary>How many requests of one event have receipts; the spans of more are counted all the same.</summary>
    public const int MostRequests = 4_096;

    /// <summary>How many samples of refused bodies one event takes.</summary>
    public const int MostSamples = 8;

    /// <summary>How many reports of clients one event takes.</summary>
    public const int MostReports = 1_024;

    /// <summary>How many running totals one event takes.</summary>
    public const int MostSeries = 1_024;

    /// <summary>An empty section.</summary>
    public LedgerSection()
        : this(new LedgerCounts())
    {
    }

    /// <summary>A section of counts that there are.</summary>
    public LedgerSection(LedgerCounts counts) => Counts = counts;

    /// <summary>The counts.</summary>
    public LedgerCounts Counts { get; }

    /// <summary>The requests whose spans, or some of them, are in the event.</summary>
    public List<LedgerRequest> Requests { get; } = [];

    /// <summary>Samples of refused requests.</summary>
    public List<LedgerSample> Samples { get; } = [];

    /// <summary>What clients told of themselves.</summary>
    public List<LedgerClientReport> Reports { get; } = [];

    /// <summary>What running totals of senders' own metrics said.</summary>
    public List<LedgerSeriesReport> Series { get; } = [];

    /// <summary>True where there is nothing to tell.</summary>
    public bool IsEmpty => Counts.IsEmpty && Requests.Count == 0 && Samples.Count == 0 && Reports.Count == 0 && Series.Count == 0;

    /// <summary>Adds a request, as far as there is room.</summary>
    public void Add(in LedgerRequest request)
    {
        if (Requests.Count < MostRequests)
            Requests.Add(request);
    }

    /// <summary>Adds a sample, or counts that there was no room.</summary>
    public void Add(LedgerSample sample)
    {
        if (Samples.Count < MostSamples)
            Samples.Add(sample);
        else
            Counts.Add(sample.Source, LedgerStage.SamplesDropped, sample.Reason, 1);
    }

    /// <summary>Adds a report, or counts that there was no room: the client's next one says as much, and more.</summary>
    public void Add(LedgerClientReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (Reports.Count < MostReports)
            Reports.Add(report);
        else
            Counts.Add(report.Source, LedgerStage.ClientReportsDropped, LedgerReason.None, 1);
    }

    /// <summary>Adds a total, or counts that there was no room: the next one of its series says as much, and more.</summary>
    public void Add(LedgerSeriesReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (Series.Count < MostSeries)
            Series.Add(report);
        else
            Counts.Add(report.Source, LedgerStage.ClientReportsDropped, LedgerReason.None, 1);
    }

    /// <summary>Adds all of another section.</summary>
    public void Add(LedgerSection other)
    {
        Counts.Add(other.Counts);
        foreach (var request in other.Requests)
            Add(request);
        foreach (var sample in other.Samples)
            Add(sample);
        foreach (var report in other.Reports)
            Add(report);
        foreach (var report in other.Series)
            Add(report);
    }
}
