using Serverless.Functions.Storage;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Search;

namespace Serverless.Functions.Assembling;

/// <summary>The events that are written together, uncompressed: keeps its memory from one batch to the next.</summary>
/// <param name="valueKeys">The attribute keys whose values are noted.</param>
internal sealed class AssemblyGroup(IReadOnlyList<string> valueKeys)
{
    private readonly FrameReader _reader = new();
    private readonly TraceRowBuilder _rows = new();
    private readonly SearchDigestCollector _digests = new(valueKeys);
    private byte[] _inflated = new byte[256 * 1024];
    private byte[] _bytes = new byte[1 << 20];
    private readonly List<LedgerEvent> _events = [];
    private readonly MemoryStream _sections = new();
    private int _length;
    private long _firstSequence;
    private long _lastSequence;

    public string Partition { get; private set; } = "";

    public BatchId Batch => new(Partition, _firstSequence, _lastSequence);

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public int EventCount { get; private set; }

    public int FrameCount => _rows.FrameCount;

    public int SpanCount { get; private set; }

    public int QuarantinedCount { get; private set; }

    /// <summary>The minute in which the hub took the events.</summary>
    public DateTimeOffset Minute { get; private set; }

    /// <summary>How many bytes the events tell the ledger.</summary>
    public int SectionBytes => (int)_sections.Length;

    /// <summary>The samples of refused requests that came with the events.</summary>
    public List<LedgerSample> Samples { get; } = [];

    /// <summary>The names seen in the batch.</summary>
    public SearchDigestCollector Names => _digests;

    /// <summary>Begins another batch; spans without a start count as started now.</summary>
    public void Begin(string partition, DateTimeOffset now)
    {
        Partition = partition;
        _digests.Begin((ulong)(now - DateTimeOffset.UnixEpoch).Ticks * 100);
        _rows.Reset();
        _length = 0;
        EventCount = 0;
        SpanCount = 0;
        QuarantinedCount = 0;
        _events.Clear();
        _sections.SetLength(0);
        Samples.Clear();
    }

    /// <summary>Adds an event's frames.</summary>
    /// <exception cref="FrameFormatException">The event cannot be decoded; nothing of it was added.</exception>
    public void Add(BufferedEvent buffered)
    {
        var content = EventEnvelope.Read(buffered.Body, ref _inflated);
        var length = content.FrameBytes;
        if (_length + length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        _inflated.AsSpan(0, length).CopyTo(_bytes.AsSpan(_length));
        var spans = AddFrames(length);
        Count(buffered);
        AddToLedger(buffered, content, spans, isQuarantined: false);
    }

    /// <summary>Counts an event that goes to quarantine, so that the receipt has no hole.</summary>
    /// <returns>How many spans it says it has, and what it tells the ledger, as far as that can be read.</returns>
    public (int Spans, LedgerSection Section) AddQuarantined(BufferedEvent buffered)
    {
        QuarantinedCount++;
        Count(buffered);
        var content = default(EventContent);
        try
        {
            // A header that is well-formed says how many spans there are, even where the rest is damaged.
            content = EventEnvelope.ReadHeader(buffered.Body.Span) with { SectionBytes = 0 };
            // Each has an id of its own, which does not compress: more spans than bytes is damage as well, and no number to count by.
            if (content.Spans > buffered.Body.Length)
                content = content with { Spans = 0 };
            content = EventEnvelope.Read(buffered.Body, ref _inflated);
            AddToLedger(buffered, content, 0, isQuarantined: true);
            return (content.Spans, LedgerSectionReader.Read(_inflated.AsSpan(content.FrameBytes, content.SectionBytes)));
        }
        catch (FrameFormatException)
        {
            if (_events.Count < EventCount)
                AddToLedger(buffered, content, 0, isQuarantined: true);
            return (content.Spans, new LedgerSection());
        }
    }

    /// <summary>What the ledger is told of the batch.</summary>
    public StoredRow BuildLedgerRow(DateTimeOffset now) =>
        LedgerRow.ToRow(Batch, Minute, now, _events, _sections.GetBuffer().AsSpan(0, (int)_sections.Length));

    public List<ShardRows> BuildTraceRows(List<ulong> traces) => _rows.Build(Bytes, Batch, traces);

    /// <summary>The search rows of the batch; afterwards <see cref="Names"/> has its names.</summary>
    public List<StoredRow> BuildSearchRows()
    {
        var rows = new List<StoredRow>();
        foreach (var block in _digests.Finish())
            rows.Add(new StoredRow(RowKeys.Search(block.ServiceKey, block.NewestStartNs, Batch, rows.Count), block.Bytes.ToArray()));
        return rows;
    }

    private void AddToLedger(BufferedEvent buffered, in EventContent content, int spans, bool isQuarantined)
    {
        var section = _inflated.AsSpan(content.FrameBytes, content.SectionBytes);
        try
        {
            // The samples go to a table of their own.
            Samples.AddRange(LedgerSectionReader.ReadSamples(section));
            section = section[..LedgerSectionReader.LengthWithoutSamples(section)];
        }
        catch (FrameFormatException)
        {
            // A newer version's: its spans are as good as any.
            section = [];
        }

        _sections.Write(section);
        _events.Add(new LedgerEvent(
            buffered.SequenceNumber, buffered.EnqueuedAt, isQuarantined, content.Spans, spans, buffered.Body.Length, content.Id, content.Attempt,
            section.Length));
    }

    private int AddFrames(int length)
    {
        var spans = 0;
        var frames = _rows.FrameCount;
        _reader.Open(_bytes.AsMemory(_length, length));
        try
        {
            while (_reader.ReadFrame())
            {
                var (offset, frameLength) = _reader.Extent.GetOffsetAndLength(length);
                _rows.Add(_reader.TraceId.Low, _length + offset, frameLength);
                spans += _reader.SpanCount;
                // Digests of an event that turns out to be damaged stay: they lead to traces that do not match.
                _digests.Add(_reader);
            }
        }
        catch (FrameFormatException)
        {
            _rows.TruncateTo(frames);
            throw;
        }

        _length += length;
        SpanCount += spans;
        return spans;
    }

    private void Count(BufferedEvent buffered)
    {
        if (EventCount++ == 0)
        {
            _firstSequence = buffered.SequenceNumber;
            Minute = Receipt.MinuteOf(buffered.EnqueuedAt);
        }

        _lastSequence = buffered.SequenceNumber;
    }
}
