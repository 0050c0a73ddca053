using System.Text;

namespace Serverless.Benchmarks.Load;

/// <summary>Posts requests over one connection, one after the other, and remembers by seed which were acknowledged.</summary>
internal sealed class SpanSender(Uri url, SpanRequestTemplate[] templates, RequestBudget budget, TimeProvider clock, int seed)
{
    private const int MaxFailuresInARow = 50;
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);

    private readonly Random _random = new(seed);

    /// <summary>The seeds of the requests that were answered 2xx.</summary>
    public List<RequestIds> Acknowledged { get; } = [];

    /// <summary>From sending (with a rate: from when it was due) to the 2xx answer, waits for Retry-After included.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>Answers other than 2xx, by status.</summary>
    public SortedDictionary<int, long> Refusals { get; } = [];

    /// <summary>Requests that broke without an answer; sent again with other ids.</summary>
    public long ConnectionFailures { get; private set; }

    /// <summary>2xx answers with a body: OTLP's partial success.</summary>
    public long PartialSuccesses { get; private set; }

    /// <summary>Bytes of the bodies acknowledged.</summary>
    public long BodyBytes { get; private set; }

    /// <summary>Why the sender gave up, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>Sends until the budget is used up; blocks.</summary>
    public void Run(CancellationToken cancellation)
    {
        using var connection = new HttpConnection(url);
        var requests = templates.Select(Prepare).ToArray();
        var failures = 0;
        for (var i = seed; Failure is null && budget.TryTake(cancellation, out var due); i++)
        {
            var (buffer, head) = requests[i % requests.Length];
            while (!cancellation.IsCancellationRequested && !TrySend(connection, templates[i % requests.Length], buffer, head, due, cancellation))
            {
                if (++failures >= MaxFailuresInARow)
                {
                    Failure ??= $"gave up after {failures} failures in a row";
                    return;
                }
            }

            failures = 0;
        }
    }

    private bool TrySend(
        HttpConnection connection, SpanRequestTemplate template, byte[] buffer, int head, long due, CancellationToken cancellation)
    {
        var ids = new RequestIds((ulong)_random.NextInt64());
        var now = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        template.Write(buffer.AsSpan(head), ids, now);
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                var answer = connection.Send(buffer);
                if (answer.IsSuccess)
                {
                    Latencies.AddSince(due);
                    Acknowledged.Add(ids);
                    BodyBytes += template.Length;
                    PartialSuccesses += answer.Body.Length > 0 ? 1 : 0;
                    return true;
                }

                Refusals[answer.Status] = Refusals.GetValueOrDefault(answer.Status) + 1;
                if (answer.Status is not (429 or 503))
                {
                    Failure = $"the server answered {answer.Status}: {Encoding.UTF8.GetString(answer.Body.Span[..Math.Min(500, answer.Body.Length)])}";
                    return true;
                }

                cancellation.WaitHandle.WaitOne(answer.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : FailurePause);
            }

            return true;
        }
        catch (IOException e)
        {
            ConnectionFailures++;
            if (ConnectionFailures >= MaxFailuresInARow)
                Failure = e.Message;
            cancellation.WaitHandle.WaitOne(FailurePause);
            return false;
        }
    }

    private (byte[] Buffer, int Head) Prepare(SpanRequestTemplate template)
    {
        var head = Encoding.ASCII.GetBytes(
            $"POST /v1/traces HTTP/1.1\r\nHost: {url.Authority}\r\nUser-Agent: serverless-load/1.0\r\n" +
            $"Content-Type: application/x-protobuf\r\nContent-Length: {template.Length}\r\n\r\n");
        var buffer = new byte[head.Length + template.Length];
        head.CopyTo(buffer, 0);
        return (buffer, head.Length);
    }
}
