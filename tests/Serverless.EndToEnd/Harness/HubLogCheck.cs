using Azure.Messaging.EventHubs.Consumer;
using Serverless.Functions.Buffering;
using Serverless.Local;
using Serverless.Tracing.Frames;
using Serverless.Tracing.Ledger;
using Serverless.Tracing.Model;

namespace Serverless.EndToEnd.Harness;

/// <summary>
/// Reads the hub's log of a stopped system, event by event and span by span: what is there was accepted, whoever was told. So it knows what the ledger has to say, without
/// any of the counts that the ledger is made of.
/// </summary>
internal sealed class HubLogCheck
{
    private readonly HashSet<(TraceId, ulong, bool)> _spans = [];
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>How many spans there are, each counted once.</summary>
    public int Spans => _spans.Count;

    /// <summary>Accepted, resent, stored and finalized spans, by protocol, service, sender and stage, a line each.</summary>
    public string Counts => Text(_counts);

    /// <summary>Reads all of it.</summary>
    public static async Task<HubLogCheck> ReadAsync(string folder)
    {
        var check = new HubLogCheck();
        await using var platform = LocalPlatform.Open(new LocalPlatformOptions { Folder = folder });
        await using var consumer = new EventHubConsumerClient(EventHubConsumerClient.DefaultConsumerGroupName, platform.ConnectionString, SpanHub.Name);
        var events = new List<(EventContent Content, Span[] Spans)>();
        foreach (var partition in await consumer.GetPartitionIdsAsync(TestContext.Current.CancellationToken))
        {
            var last = (await consumer.GetPartitionPropertiesAsync(partition, TestContext.Current.CancellationToken)).LastEnqueuedSequenceNumber;
            if (last < 0)
                continue;
            await foreach (var read in consumer.ReadEventsFromPartitionAsync(partition, EventPosition.Earliest, TestContext.Current.CancellationToken))
            {
                events.Add(Decode(read.Data.EventBody.ToMemory()));
                if (read.Data.SequenceNumber >= last)
                    break;
            }
        }

        check.Count(events);
        return check;
    }

    /// <summary>Fails where a span of an acknowledged request is not in the log.</summary>
    public void AssertHasAcknowledged(SpanLoad load)
    {
        var requests = load.TraceCount / SpanSource.TracesPerWindow * SpanSource.RequestsPerWindow;
        for (var request = 0L; request < requests; request++)
        {
            if (!load.IsAcknowledged(request))
                continue;
            foreach (var span in load.Source.SpansOf(request))
            {
                Assert.True(TraceId.TryParse(span.TraceId, out var trace));
                Assert.Contains((trace, Convert.ToUInt64(span.Id, 16), span.IsShared), _spans);
            }
        }
    }

    /// <summary>The text of counts, as <see cref="Counts"/> is.</summary>
    public static string Text(IEnumerable<KeyValuePair<string, long>> counts) =>
        string.Join('\n', counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}"));

    private void Count(List<(EventContent Content, Span[] Spans)> events)
    {
        // Of an event that is there more than once, the first sending counts as accepted.
        var first = events.GroupBy(e => e.Content.Id).ToDictionary(e => e.Key, e => e.Min(one => one.Content.Attempt));
        foreach (var (content, spans) in events)
        {
            foreach (var span in spans)
            {
                var source = LedgerSources.Of(span);
                var key = $"{source.Protocol.ToString().ToLowerInvariant()} {source.Service} {source.Sender}";
                Add($"{key} {(content.Attempt == first[content.Id] ? "accepted" : "resent")}");
                Add($"{key} stored");
                if (_spans.Add((span.TraceId, span.Id.Value, span.IsShared)))
                    Add($"{key} finalized");
            }
        }
    }

    private void Add(string key) => _counts[key] = _counts.GetValueOrDefault(key) + 1;

    private static (EventContent Content, Span[] Spans) Decode(ReadOnlyMemory<byte> body)
    {
        var payload = Array.Empty<byte>();
        var content = EventEnvelope.Read(body, ref payload);
        var spans = new List<Span>();
        SpanDecoder.Decode(payload.AsMemory(0, content.FrameBytes), spans);
        return (content, [.. spans]);
    }
}
