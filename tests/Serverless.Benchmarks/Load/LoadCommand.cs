using System.Diagnostics;

namespace Serverless.Benchmarks.Load;

/// <summary>Drives a running system and measures it from outside: see <see cref="LoadOptions.Usage"/>.</summary>
internal sealed class LoadCommand(LoadOptions options, TimeProvider clock)
{
    private const int TemplateVariants = 4;
    private const double MostIdleCpu = 0.02;

    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(11);

    private readonly SpanRequestTemplate[] _templates = [.. Enumerable.Range(0, TemplateVariants).Select(SpanRequestTemplate.Create)];
    private readonly List<string> _failures = [];

    /// <summary>Runs the command; the exit code is 0 when nothing failed.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        LoadOptions options;
        try
        {
            options = LoadOptions.Parse(arguments);
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine(e.Message);
            Console.Error.WriteLine(LoadOptions.Usage);
            return 2;
        }

        using var cancellation = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            cancellation.Cancel();
        };
        var report = await new LoadCommand(options, TimeProvider.System).RunAsync(cancellation.Token);
        Console.WriteLine();
        Console.Write(report);
        if (options.JsonFile is not null)
            await File.WriteAllTextAsync(options.JsonFile, report.ToJson() + "\n", CancellationToken.None);
        return report.Failures.Count == 0 ? 0 : 1;
    }

    private async Task<LoadReport> RunAsync(CancellationToken cancellation)
    {
        var server = options.Pid is { } pid ? new ServerProcess(pid) : ServerProcess.FindByPort(options.Url.Port);
        Console.WriteLine(server is null
            ? $"No process of this machine listens on port {options.Url.Port}: CPU and memory are not measured (--pid says which)."
            : $"Measuring process {server.Pid}.");
        using var probe = new VisibilityProbe(options, clock);
        if (options.Warmup > 0)
        {
            Console.WriteLine($"Warming up with {options.Warmup:N0} spans ...");
            await PostAsync(RequestsFor(options.Warmup), seconds: null, rate: 0, seed: Random.Shared.Next(1 << 20), cancellation);
            await probe.WaitUntilCaughtUpAsync();
        }

        var since = clock.GetUtcNow();
        var disk = options.DataFolder is null ? [] : DiskUse.Measure(options.DataFolder);
        var before = server?.Measure();
        var clientBefore = Environment.CpuUsage.TotalTime;
        Console.WriteLine("Posting ...");
        using var probing = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var probes = probe.RunAsync(probing.Token);
        var start = Stopwatch.GetTimestamp();
        var senders = await PostAsync(
            options.Spans is { } spans ? RequestsFor(spans) : null, options.Seconds, options.Rate, seed: Random.Shared.Next(1 << 20), cancellation);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        Console.WriteLine("Waiting until everything is searchable ...");
        var posted = Stopwatch.GetTimestamp();
        await probing.CancelAsync();
        var caughtUp = await probe.WaitUntilCaughtUpAsync();
        var caughtUpSeconds = Stopwatch.GetElapsedTime(posted).TotalSeconds;
        var after = server?.Measure();
        var client = Environment.CpuUsage.TotalTime - clientBefore;
        await probes;
        if (probe.Failure is not null)
            _failures.Add(probe.Failure);
        var settled = after;
        if (options.SettleSeconds > 0 && !cancellation.IsCancellationRequested)
        {
            Console.WriteLine($"Letting the server work for {options.SettleSeconds} s more ...");
            await Task.Delay(TimeSpan.FromSeconds(options.SettleSeconds), clock, cancellation);
            settled = server?.Measure();
        }

        double? finalizedSeconds = null;
        if (options.FinalizeQuietSeconds > 0 && server is not null && !cancellation.IsCancellationRequested)
        {
            Console.WriteLine("Waiting until the server has finalized the traces ...");
            await WaitUntilIdleAsync(server, cancellation);
            finalizedSeconds = Stopwatch.GetElapsedTime(posted).TotalSeconds;
            settled = server.Measure();
        }

        var acknowledged = senders.SelectMany(sender => sender.Acknowledged).ToList();
        var count = Math.Max(1, (long)acknowledged.Count * SpanRequestTemplate.SpansPerRequest);
        var diskAfter = options.DataFolder is null ? [] : DiskUse.Measure(options.DataFolder);
        var latencies = new Latencies();
        foreach (var sender in senders)
            latencies.Add(sender.Latencies);
        _failures.AddRange(senders.Select(sender => sender.Failure).OfType<string>().Distinct());

        Console.WriteLine("Querying ...");
        var queries = new QueryMeasure(options, acknowledged, since, clock);
        var report = new LoadReport
        {
            Spans = (long)acknowledged.Count * SpanRequestTemplate.SpansPerRequest,
            Seconds = seconds,
            Connections = options.Connections,
            BodyBytesPerSpan = senders.Sum(sender => sender.BodyBytes) / (double)count,
            AnswerMilliseconds = latencies.Summarize(),
            RefusalsByStatus = Sum(senders.Select(sender => sender.Refusals)),
            ConnectionFailures = senders.Sum(sender => sender.ConnectionFailures),
            PartialSuccesses = senders.Sum(sender => sender.PartialSuccesses),
            CaughtUpSeconds = caughtUp ? caughtUpSeconds : null,
            ServerCpuMicrosPerSpan = (after?.Cpu - before?.Cpu)?.TotalMicroseconds / count,
            ServerCpuMicrosPerSpanSettled = options.SettleSeconds > 0 ? (settled?.Cpu - before?.Cpu)?.TotalMicroseconds / count : null,
            // The spans of the warm-up are quiet by then too, and are finalized with the others.
            ServerCpuMicrosPerSpanFinalizing = finalizedSeconds is null ? null : (settled?.Cpu - after?.Cpu)?.TotalMicroseconds / (count + options.Warmup),
            FinalizedSeconds = finalizedSeconds,
            ClientCpuMicrosPerSpan = client.TotalMicroseconds / count,
            ServerResidentBytes = after?.ResidentBytes,
            ServerPeakResidentBytes = settled?.PeakResidentBytes,
            DiskBytesPerSpan = diskAfter.ToDictionary(pair => pair.Key, pair => (pair.Value - disk.GetValueOrDefault(pair.Key)) / (double)count),
            VisibleMilliseconds = probe.Visible.Summarize(),
            ProbesLost = probe.Lost,
            TraceByIdMilliseconds = queries.TraceById(),
            SearchNewestMilliseconds = queries.NewestOfService(),
            SearchTagMilliseconds = queries.NewestWithTag(),
            SearchUniqueTagMilliseconds = queries.WithUniqueTag(),
            Failures = _failures,
        };
        if (queries.FailureCount > 0)
            _failures.Add($"{queries.FailureCount} queries failed, such as: {string.Join("; ", queries.Failures)}");
        if (!options.Verify)
            return report;

        Console.WriteLine($"Fetching {acknowledged.Count * SpanRequestTemplate.TracesPerRequest:N0} traces ...");
        var (missing, surplus) = queries.Verify();
        if (missing + surplus > 0)
            _failures.Add("Not every span acknowledged was found exactly once.");
        return report with { VerifiedMissingSpans = missing, VerifiedSurplusSpans = surplus };
    }

    /// <summary>The planner runs every 10 s: a server that does next to nothing for longer has nothing left to finalize.</summary>
    private async Task WaitUntilIdleAsync(ServerProcess server, CancellationToken cancellation)
    {
        await Task.Delay(TimeSpan.FromSeconds(options.FinalizeQuietSeconds), clock, cancellation);
        TimeSpan used;
        do
        {
            var before = server.Measure()?.Cpu;
            await Task.Delay(IdleInterval, clock, cancellation);
            used = (server.Measure()?.Cpu - before) ?? TimeSpan.Zero;
        }
        while (used > IdleInterval * MostIdleCpu);
    }

    private async Task<SpanSender[]> PostAsync(long? requests, double? seconds, double rate, int seed, CancellationToken cancellation)
    {
        var budget = new RequestBudget(requests, seconds, rate / SpanRequestTemplate.SpansPerRequest);
        var senders = Enumerable.Range(0, options.Connections)
            .Select(i => new SpanSender(options.Url, _templates, budget, clock, seed * options.Connections + i))
            .ToArray();
        await Task.WhenAll(senders.Select(sender =>
            Task.Factory.StartNew(() => sender.Run(cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        return senders;
    }

    private static long RequestsFor(long spans) => (spans + SpanRequestTemplate.SpansPerRequest - 1) / SpanRequestTemplate.SpansPerRequest;

    private static SortedDictionary<int, long> Sum(IEnumerable<IReadOnlyDictionary<int, long>> counts)
    {
        var sum = new SortedDictionary<int, long>();
        foreach (var (status, count) in counts.SelectMany(count => count))
            sum[status] = sum.GetValueOrDefault(status) + count;
        return sum;
    }
}
