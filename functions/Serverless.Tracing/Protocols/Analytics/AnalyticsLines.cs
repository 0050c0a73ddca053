using System.Buffers;
using Serverless.Tracing.Assembly;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Analytics;

/// <summary>
/// Writes the spans of an assembled trace as JSON lines for Azure Data Explorer (format <c>JSON</c>, also called JSON Lines), one row per span
/// with the columns of <see cref="AnalyticsColumns"/>. Used by one writer at a time; keeps its memory between traces.
/// </summary>
/// <remarks>
/// A trace that is written again has a higher version; (TraceId, Version) has SpanCount rows, numbered by SpanIndex, so that a query can see
/// whether it has all of a version. Times are as they were sent: adding ClockSkewNs gives the adjusted ones. Kusto's datetime and timespan
/// have ticks of 100 ns: StartTime and Duration are cut to them (towards zero), StartNs and DurationNs are exact.
/// </remarks>
public sealed class AnalyticsLines
{
    /// <summary>What a line may have at most where nothing else is said, in bytes: Kusto takes no more than 1 MiB in a dynamic value.</summary>
    public const int DefaultMaxLineBytes = 1 << 20;

    /// <summary>The least that a line may be bounded to, in bytes.</summary>
    public const int MinMaxLineBytes = 32 * 1024;

    private const long NanosecondsPerTick = TimeSpan.NanosecondsPerTick;
    private const int TimeBytes = 28;
    private const int DurationBytes = 32;
    private const int LargestKeptBytes = 4 << 20;

    private static readonly byte[][] Kinds = [.. Names<SpanKind>("Kind")];
    private static readonly byte[][] Statuses = [.. Names<SpanStatus>("Status")];

    private readonly int _maxLineBytes;
    private readonly JsonBytes _json;
    private readonly AnalyticsValues _values;
    private readonly AnalyticsOrigins _origins;
    private readonly JsonBytes _traceColumns = new();
    private AssembledTrace _trace = null!;
    private int[] _depths = [];

    /// <summary>A writer of lines.</summary>
    /// <param name="maxLineBytes">Longer lines are cut, line feed included; at least <see cref="MinMaxLineBytes"/>.</param>
    public AnalyticsLines(int maxLineBytes = DefaultMaxLineBytes)
        : this(maxLineBytes, new JsonBytes())
    {
    }

    internal AnalyticsLines(int maxLineBytes, JsonBytes json)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLineBytes, MinMaxLineBytes);
        _maxLineBytes = maxLineBytes;
        _json = json;
        _values = new AnalyticsValues(json);
        _origins = new AnalyticsOrigins(maxLineBytes);
    }

    /// <summary>How many lines were cut so far; each says so in its column IsCut.</summary>
    public long CutLines { get; private set; }

    /// <summary>Writes a trace: each span's line, with a line feed behind it.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="version">1 for the first time that the trace is written, and more each time.</param>
    /// <param name="to">Takes the bytes.</param>
    public void Write(AssembledTrace trace, int version, IBufferWriter<byte> to)
    {
        ArgumentNullException.ThrowIfNull(to);
        Begin(trace, version);
        for (var i = 0; i < trace.Tree.Count; i++)
        {
            _json.Reset();
            WriteLine(i);
            to.Write(_json.Written);
        }

        _json.Trim(LargestKeptBytes);
    }

    /// <summary>Begins a trace.</summary>
    internal void Begin(AssembledTrace trace, int version)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        _trace = trace;
        WriteTraceColumns(version);
        var tree = trace.Tree;
        if (_depths.Length < tree.Count || _depths.Length > LargestKeptBytes / sizeof(int))
            _depths = new int[Math.Max(tree.Count, 64)];
        foreach (var i in tree.Order)
            _depths[i] = tree.ParentOf(i) is >= 0 and var parent ? _depths[parent] + 1 : 0;
    }

    /// <summary>Writes the line of a span of the trace.</summary>
    internal void WriteLine(int span)
    {
        var start = _json.Length;
        var of = _trace.Tree[span];
        _values.MostLength = start + _maxLineBytes;
        _json.Raw(_traceColumns.Written);
        _json.Raw(_origins.Of(of.Resource));
        if (of.Scope is not null)
            _json.Raw(_origins.Of(of.Scope));
        WriteSpan(span, of);
        if (_json.Length - start > _maxLineBytes)
            WriteCutLine(span, of, start);
    }

    private void WriteCutLine(int span, Span of, int start)
    {
        CutLines++;
        foreach (var step in AnalyticsCut.Steps)
        {
            _json.TruncateTo(start);
            _values.Cut = step;
            _json.Raw(_traceColumns.Written);
            AnalyticsOrigins.Write(_json, _values, of.Resource);
            if (of.Scope is not null)
                AnalyticsOrigins.Write(_json, _values, of.Scope);
            WriteSpan(span, of);
            if (_json.Length - start <= _maxLineBytes)
                break;
        }

        _values.Cut = AnalyticsCut.None;
    }

    private void WriteTraceColumns(int version)
    {
        var json = _traceColumns;
        var summary = _trace.Summary;
        json.Reset();
        json.Raw("{\"TraceId\":\""u8);
        if (summary.TraceId.High != 0)
            json.Hex(summary.TraceId.High);
        json.Hex(summary.TraceId.Low);
        json.Raw("\",\"Version\":"u8);
        json.Number(version);
        json.Raw(",\"SpanCount\":"u8);
        json.Number(summary.SpanCount);
        json.Raw(",\"TraceDurationNs\":"u8);
        json.Number(summary.DurationNs);
        json.Raw(",\"Verdicts\":["u8);
        for (var i = 0; i < summary.Verdicts.Count; i++)
        {
            if (i > 0)
                json.Raw((byte)',');
            json.Text(summary.Verdicts[i].ToString());
        }

        json.Raw("],"u8);
    }

    private void WriteSpan(int index, Span span)
    {
        var tree = _trace.Tree;
        _json.Raw(span.Protocol switch
        {
            SpanProtocol.Otlp => "\"Protocol\":\"Otlp\","u8,
            SpanProtocol.Zipkin => "\"Protocol\":\"Zipkin\","u8,
            _ => "\"Protocol\":\"Jaeger\","u8,
        });
        _json.Raw(Kinds[(int)span.Kind < Kinds.Length ? (int)span.Kind : 0]);
        _json.Raw(Statuses[(int)span.Status < Statuses.Length ? (int)span.Status : 0]);
        _json.Raw(index == tree.Root ? "\"IsRoot\":true,"u8 : "\"IsRoot\":false,"u8);
        _json.Raw(span.IsShared ? "\"IsShared\":true,"u8 : "\"IsShared\":false,"u8);
        Number("\"Depth\":"u8, _depths[index]);
        Number("\"SpanIndex\":"u8, index);
        if (tree.ParentOf(index) is >= 0 and var parent)
            Number("\"ParentIndex\":"u8, parent);
        AnalyticsOrigins.Text(_json, _values, "\"Operation\":"u8, span.Name);
        Id("\"SpanId\":\""u8, span.Id);
        if (!span.ParentId.IsZero)
            Id("\"ParentSpanId\":\""u8, span.ParentId);
        WriteTimes(index, span);
        AnalyticsOrigins.Text(_json, _values, "\"StatusMessage\":"u8, span.StatusMessage);
        AnalyticsOrigins.Text(_json, _values, "\"RemoteService\":"u8, RemoteService.NameOf(span));
        if (span.RemoteEndpoint is { } remote)
            AnalyticsOrigins.Address(_json, "\"RemoteAddress\":"u8, remote);
        AnalyticsOrigins.Text(_json, _values, "\"TraceState\":"u8, span.TraceState);
        if (span.Flags != 0)
            Number("\"Flags\":"u8, span.Flags);
        WriteMarks(span.Marks);
        AnalyticsOrigins.Bag(_json, _values, "\"Attributes\":"u8, span.Attributes);
        WriteEvents(span);
        WriteLinks(span);
        WriteDropped(span);
        if (_values.Cut != AnalyticsCut.None)
            _json.Raw("\"IsCut\":true,"u8);
        // The last column left its comma.
        _json.TruncateTo(_json.Length - 1);
        _json.Raw("}\n"u8);
    }

    private void WriteTimes(int index, Span span)
    {
        if (span.HasStart)
        {
            _json.Raw("\"StartTime\":"u8);
            WriteTime(span.StartNs);
            _json.Raw((byte)',');
            // A long of Kusto ends in the year 2262.
            if (span.StartNs <= long.MaxValue)
                Number("\"StartNs\":"u8, (long)span.StartNs);
        }

        if (span.HasDuration)
        {
            _json.Raw("\"Duration\":"u8);
            _json.Formatted(new TimeSpan(span.DurationNs / NanosecondsPerTick), DurationBytes, "c");
            _json.Raw((byte)',');
            Number("\"DurationNs\":"u8, span.DurationNs);
        }

        Number("\"ClockSkewNs\":"u8, _trace.Times.AmountOf(index));
        Number("\"SelfNs\":"u8, _trace.CriticalPath.SelfNsOf(index));
        Number("\"CriticalNs\":"u8, _trace.CriticalPath.CriticalNsOf(index));
    }

    private void WriteTime(ulong timeNs) => _json.Formatted(DateTime.UnixEpoch.AddTicks((long)(timeNs / (ulong)NanosecondsPerTick)), TimeBytes, "O");

    private void WriteMarks(SpanMarks marks)
    {
        marks &= SpanMarks.Debug | SpanMarks.Truncated | SpanMarks.ClockSuspect;
        if (marks == SpanMarks.None)
            return;
        _json.Raw("\"Marks\":["u8);
        Mark(marks, SpanMarks.Debug, "\"Debug\","u8);
        Mark(marks, SpanMarks.Truncated, "\"Truncated\","u8);
        Mark(marks, SpanMarks.ClockSuspect, "\"ClockSuspect\","u8);
        EndList("],"u8);
    }

    private void Mark(SpanMarks marks, SpanMarks mark, ReadOnlySpan<byte> name)
    {
        if ((marks & mark) != 0)
            _json.Raw(name);
    }

    private void WriteEvents(Span span)
    {
        var count = Math.Min(span.Events.Count, _values.Cut.Items);
        if (count == 0)
            return;
        _json.Raw("\"Events\":["u8);
        for (var i = 0; i < count && !_values.IsOver; i++)
        {
            var item = span.Events[i];
            _json.Raw("{\"Time\":"u8);
            WriteTime(item.TimeNs);
            _json.Raw((byte)',');
            if (item.TimeNs <= long.MaxValue)
                Number("\"TimeNs\":"u8, (long)item.TimeNs);
            AnalyticsOrigins.Text(_json, _values, "\"Name\":"u8, item.Name);
            AnalyticsOrigins.Bag(_json, _values, "\"Attributes\":"u8, item.Attributes);
            Dropped("\"DroppedAttributes\":"u8, item.DroppedAttributes);
            EndList("},"u8);
        }

        EndList("],"u8);
    }

    private void WriteLinks(Span span)
    {
        var count = Math.Min(span.Links.Count, _values.Cut.Items);
        if (count == 0)
            return;
        _json.Raw("\"Links\":["u8);
        for (var i = 0; i < count && !_values.IsOver; i++)
        {
            var item = span.Links[i];
            _json.Raw("{\"TraceId\":\""u8);
            if (item.TraceId.High != 0)
                _json.Hex(item.TraceId.High);
            _json.Hex(item.TraceId.Low);
            _json.Raw("\","u8);
            Id("\"SpanId\":\""u8, item.SpanId);
            AnalyticsOrigins.Text(_json, _values, "\"TraceState\":"u8, item.TraceState);
            if (item.Flags != 0)
                Number("\"Flags\":"u8, item.Flags);
            AnalyticsOrigins.Bag(_json, _values, "\"Attributes\":"u8, item.Attributes);
            Dropped("\"DroppedAttributes\":"u8, item.DroppedAttributes);
            EndList("},"u8);
        }

        EndList("],"u8);
    }

    private void WriteDropped(Span span)
    {
        var (resource, scope) = (span.Resource.DroppedAttributes, span.Scope?.DroppedAttributes ?? 0);
        if ((span.DroppedAttributes | span.DroppedEvents | span.DroppedLinks | resource | scope) == 0)
            return;
        _json.Raw("\"DroppedCounts\":{"u8);
        Dropped("\"Attributes\":"u8, span.DroppedAttributes);
        Dropped("\"Events\":"u8, span.DroppedEvents);
        Dropped("\"Links\":"u8, span.DroppedLinks);
        Dropped("\"ResourceAttributes\":"u8, resource);
        Dropped("\"ScopeAttributes\":"u8, scope);
        EndList("},"u8);
    }

    private void Dropped(ReadOnlySpan<byte> name, uint count)
    {
        if (count != 0)
            Number(name, count);
    }

    // The last item left its comma.
    private void EndList(ReadOnlySpan<byte> end)
    {
        _json.TruncateTo(_json.Length - 1);
        _json.Raw(end);
    }

    private void Number(ReadOnlySpan<byte> name, long value)
    {
        _json.Raw(name);
        _json.Number(value);
        _json.Raw((byte)',');
    }

    private void Id(ReadOnlySpan<byte> name, SpanId id)
    {
        _json.Raw(name);
        _json.Hex(id.Value);
        _json.Raw("\","u8);
    }

    private static IEnumerable<byte[]> Names<T>(string column)
        where T : struct, Enum =>
        Enum.GetNames<T>().Select(name => System.Text.Encoding.UTF8.GetBytes($"\"{column}\":\"{name}\","));
}
