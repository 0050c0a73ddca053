using System.Buffers.Binary;
using System.Security.Cryptography;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Protocols.Otlp.Metrics;

/// <summary>
/// Makes of data points what the ledger is told: of deltas counts, of running totals reports, which only the ledger can make losses of. Keeps its
/// memory; used by one at a time.
/// </summary>
internal sealed class SpanLossCollector
{
    // No sender loses more: what says so is no number of spans. Sums of such values stay far from overflow.
    private const long LargestValue = 1_000_000_000_000_000;

    private const uint NoRecordedValue = 1;
    private const int LargestKeptPoints = 1 << 12;
    private const int LargestKeptBytes = 1 << 16;

    private readonly LedgerSources _sources = new();
    private readonly ByteSink _bytes = new();
    private readonly List<SpanLossPoint> _points = [];
    private string _userAgent = "";

    /// <summary>What the request tells the ledger; null where it tells nothing.</summary>
    public LedgerSection? Section { get; private set; }

    /// <summary>How many points wait for their scope and resource.</summary>
    public int Count => _points.Count;

    /// <summary>Begins a request.</summary>
    /// <param name="userAgent">What the request says who made it: the sender, where the resource does not tell.</param>
    public void Begin(string userAgent)
    {
        _userAgent = userAgent;
        Section = null;
        _points.Clear();
        if (_points.Capacity > LargestKeptPoints)
            _points.TrimExcess();
        _bytes.Trim(LargestKeptBytes);
    }

    /// <summary>Adds a point, unless it says nothing.</summary>
    /// <param name="point">The point.</param>
    /// <param name="flags">Its flags.</param>
    public void Add(in SpanLossPoint point, uint flags)
    {
        // A total of 0 since a known start is where every series begins.
        if ((flags & NoRecordedValue) == 0 && (point.Value > 0 || (point.Value == 0 && !point.IsDelta && point.StartNs == 0)))
            _points.Add(point);
    }

    /// <summary>A value in spans; -1 where it is no number of spans.</summary>
    public static long ValueOf(long value) => value is >= 0 and <= LargestValue ? value : -1;

    /// <summary>A value in spans; -1 where it is no number of spans.</summary>
    public static long ValueOf(double value) => value is >= 0 and <= LargestValue ? (long)Math.Round(value) : -1;

    /// <summary>Says what the scope is of the points from <paramref name="first"/> on.</summary>
    public void SetScope(SpanBatch batch, int first, in OtlpResource scope)
    {
        if (first == _points.Count)
            return;
        var attributes = HashOf(batch, scope.Attributes);
        _bytes.Reset();
        Append(batch.Text(scope.Name));
        Append(batch.Text(scope.Version));
        Append(attributes);
        var hash = Hash();
        foreach (ref var point in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_points)[first..])
            point.Scope = hash;
    }

    /// <summary>Says what the resource is of all points that wait, which completes them.</summary>
    public void SetResource(SpanBatch batch, in OtlpResource resource)
    {
        if (_points.Count == 0)
            return;
        var number = batch.AddResource();
        batch.SetResource(number, resource.Name, resource.Attributes);
        var source = _sources.Of(batch, batch.Resources[number]);
        if (source.Sender.Length == 0)
            source = new LedgerSource(source.Protocol, source.Service, _userAgent, source.Instance);
        var hash = HashOf(batch, resource.Attributes);
        Section ??= new LedgerSection();
        foreach (ref readonly var point in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_points))
            Tell(batch, source, hash, point);
        _points.Clear();
    }

    private void Tell(SpanBatch batch, LedgerSource source, UInt128 resource, in SpanLossPoint point)
    {
        var cause = point.Metric.Cause;
        if (point.Metric.NeedsError)
        {
            var error = ErrorOf(batch, point.Attributes);
            if (error.IsEmpty)
                return;
            cause = point.Metric.CauseOf(error);
        }

        if (point.IsDelta)
        {
            Section!.Counts.Add(source, LedgerStage.ClientDropped, cause, point.Value);
            return;
        }

        var attributes = HashOf(batch, point.Attributes);
        _bytes.Reset();
        Append(resource);
        Append(point.Scope);
        Append(batch.Text(point.Name));
        Append(attributes);
        // What was started anew is another series: it counts from 0 on.
        _bytes.Fixed64(point.StartNs);
        Section!.Add(new LedgerSeriesReport(source, Hash(), cause, point.StartNs, point.TimeNs, point.Value));
    }

    private static ReadOnlySpan<byte> ErrorOf(SpanBatch batch, in ItemList attributes)
    {
        for (var i = attributes.First; i != 0;)
        {
            ref readonly var attribute = ref batch.Attributes[i - 1];
            var key = batch.Texts[attribute.Key];
            if (attribute.Type == AttributeType.String && (key.SequenceEqual("error.type"u8) || key.SequenceEqual("error_type"u8)))
                return batch.Texts[(int)attribute.Bits];
            i = attribute.Next;
        }

        return [];
    }

    /// <summary>A hash of attributes, whatever their order.</summary>
    private UInt128 HashOf(SpanBatch batch, in ItemList attributes)
    {
        var sum = UInt128.Zero;
        for (var i = attributes.First; i != 0;)
        {
            ref readonly var attribute = ref batch.Attributes[i - 1];
            _bytes.Reset();
            Append(batch.Texts[attribute.Key]);
            _bytes.Byte((byte)attribute.Type);
            if (attribute.Type is AttributeType.String or AttributeType.Bytes or AttributeType.Array or AttributeType.Map)
                Append(batch.Texts[(int)attribute.Bits]);
            else
                _bytes.Fixed64((ulong)attribute.Bits);
            sum = unchecked(sum + Hash());
            i = attribute.Next;
        }

        return sum;
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        _bytes.Varint(text.Length);
        _bytes.Bytes(text);
    }

    private void Append(UInt128 hash)
    {
        _bytes.Fixed64((ulong)(hash >> 64));
        _bytes.Fixed64((ulong)hash);
    }

    private UInt128 Hash()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_bytes.Written, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
