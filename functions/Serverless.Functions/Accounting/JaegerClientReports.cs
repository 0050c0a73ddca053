using Serverless.Tracing.Protocols.Jaeger;

namespace Serverless.Functions.Accounting;

/// <summary>
/// What Jaeger's clients tell of batches and spans that never arrived. As in Jaeger's agent, the only program that ever read it
/// (cmd/agent/app/reporter/client_metrics.go): the first batch of a client is the base of what is counted, a client that was silent for an hour
/// is forgotten.
/// </summary>
/// <remarks>
/// Unlike the agent, which counted a batch that others overtook as lost for good, the last 64 numbers of a client are remembered:
/// one that comes late, as over HTTP they do, is no longer missing. This is the knowledge of one process: where several
/// share the traffic, each counts what went to the others as missing.
/// </remarks>
public sealed class JaegerClientReports(SpanCounters counters, TimeProvider clock)
{
    /// <summary>The most clients that are followed at once; what more of them tell is not counted.</summary>
    public const int MostClients = 10_000;

    private const int RememberedBatches = 64;

    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);
    private static readonly TimeSpan Sweeping = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Client> _clients = [];
    private DateTimeOffset _swept = clock.GetUtcNow();

    /// <summary>How many clients are followed.</summary>
    public int ClientCount
    {
        get
        {
            lock (_gate)
                return _clients.Count;
        }
    }

    /// <summary>Takes the report of a batch that arrived.</summary>
    public void Add(in JaegerClientReport report)
    {
        counters.JaegerBatchReceived();
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            Sweep(now);
            if (_clients.TryGetValue(report.ClientId, out var client))
            {
                client.LastSeen = now;
                Follow(client, report);
            }
            else if (_clients.Count < MostClients)
                _clients.Add(report.ClientId, new Client { LastSeen = now, SeqNo = report.SeqNo, Seen = ulong.MaxValue, Drops = report.Drops ?? default });
        }
    }

    private void Follow(Client client, in JaegerClientReport report)
    {
        var ahead = (Int128)report.SeqNo - client.SeqNo;
        if (ahead <= 0)
        {
            TakeLate(client, -ahead);
            return;
        }

        if (ahead > 1)
            counters.JaegerBatchesMissing((long)Int128.Min(ahead - 1, long.MaxValue));
        // A gap is remembered as zeros, except for what is older than the base.
        client.Seen = ahead >= RememberedBatches ? 1 : (client.Seen << (int)ahead) | 1;
        client.SeqNo = report.SeqNo;
        if (report.Drops is not { } drops)
            return;
        counters.JaegerSpansDropped("full_queue", Risen(drops.FullQueue, client.Drops.FullQueue));
        counters.JaegerSpansDropped("too_large", Risen(drops.TooLarge, client.Drops.TooLarge));
        counters.JaegerSpansDropped("send_failure", Risen(drops.SendFailures, client.Drops.SendFailures));
        client.Drops = drops;
    }

    private void TakeLate(Client client, Int128 behind)
    {
        if (behind >= RememberedBatches || ((client.Seen >> (int)behind) & 1) != 0)
            return;
        client.Seen |= 1UL << (int)behind;
        counters.JaegerBatchesMissing(-1);
    }

    // Totals only rise; one that fell is not a total, and negative ones are not counts.
    private static long Risen(long now, long before) => now > before && before >= 0 ? now - before : 0;

    private void Sweep(DateTimeOffset now)
    {
        if (now - _swept < Sweeping)
            return;
        _swept = now;
        foreach (var (id, client) in _clients)
        {
            if (now - client.LastSeen >= Forgotten)
                _clients.Remove(id);
        }
    }

    private sealed class Client
    {
        public DateTimeOffset LastSeen;
        public long SeqNo;

        // Bit n stands for the batch numbered SeqNo - n: set if it came, or is not counted.
        public ulong Seen;
        public JaegerClientDrops Drops;
    }
}
