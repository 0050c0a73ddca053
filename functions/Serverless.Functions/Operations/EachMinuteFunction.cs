using System.Runtime.ExceptionServices;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Accounting;
using Serverless.Functions.Aggregates;
using Serverless.Functions.Alerting;
using Serverless.Functions.Buffering;
using Serverless.Functions.Finalizing;
using Serverless.Functions.Probing;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Operations;

/// <summary>
/// All that is to be done each minute. The host runs one at a time, however many instances there are.
/// </summary>
/// <remarks>
/// One function, for each execution on demand is billed as a second at least, and each timer function has an instance of its own: that is what an idle system costs.
/// What fails does not keep the rest from being done, and what takes long does not keep alerts from being evaluated.
/// </remarks>
public sealed class EachMinuteFunction
{
    private const int MinutesOfMerging = 5;

    // Alerts are evaluated after the rest, so that they see what it did, and at about the same second each minute.
    private static readonly TimeSpan WaitForChores = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AlertInterval = TimeSpan.FromMinutes(1);

    private readonly List<Chore> _chores;
    private readonly Chore _alerts;
    private readonly TimeProvider _clock;
    private readonly ILogger<EachMinuteFunction> _logger;

    /// <summary>Takes the parts.</summary>
    /// <param name="services">Where they are.</param>
    /// <param name="clock">Tells the minute.</param>
    /// <param name="logger">Takes what fails.</param>
    public EachMinuteFunction(IServiceProvider services, TimeProvider clock, ILogger<EachMinuteFunction> logger)
    {
        _clock = clock;
        _logger = logger;
        _chores =
        [
            new("plan-finalize", services.GetRequiredService<PlanningTurn>().TryRunAsync),
            new("close-minutes", async cancellation =>
            {
                await SendKeptAsync(services.GetRequiredService<LedgerSpill>(), cancellation);
                await services.GetRequiredService<MinuteCloser>().RunAsync(cancellation);
                await services.GetRequiredService<LedgerTotalsStore>().FoldAsync(cancellation);
                await services.GetRequiredService<WorkTotalsStore>().FoldAsync(cancellation);
            }),
            new("find-breaks", services.GetRequiredService<BreakFinder>().RunAsync),
            new("probe", services.GetRequiredService<Prober>().RunAsync),
            new("merge-aggregates", services.GetRequiredService<AggregateMerger>().RunAsync) { EveryMinutes = MinutesOfMerging },
        ];
        _alerts = new("evaluate-alerts", services.GetRequiredService<AlertRound>().RunAsync);
    }

    /// <summary>
    /// Runs at 35 seconds past each minute: by then the last minute is taken to be complete, by the ledger and by alert rules.
    /// </summary>
    [Function("each-minute")]
    public async Task RunAsync([TimerTrigger("35 * * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(timer);
        var failures = new List<Exception>();
        var minute = _clock.GetUtcNow().Minute;
        var chores = Task.WhenAll(_chores.Where(chore => minute % chore.EveryMinutes == 0).Select(chore => RunAsync(chore, failures, cancellation)));
        await IsDoneAsync(chores, WaitForChores);
        do
            await RunAsync(_alerts, failures, cancellation);
        while (!await IsDoneAsync(chores, AlertInterval));
        cancellation.ThrowIfCancellationRequested();
        if (failures.Count == 1)
            ExceptionDispatchInfo.Throw(failures[0]);
        if (failures.Count > 1)
            throw new AggregateException(failures);
    }

    /// <summary>Sends what a process kept for the ledger that is gone; what cannot be sent now holds up nothing.</summary>
    private async Task SendKeptAsync(LedgerSpill spill, CancellationToken cancellation)
    {
        try
        {
            await spill.SendAsync(cancellation);
        }
        catch (Exception e) when (e is HubException or StorageException)
        {
            _logger.LogInformation(e, "What is kept for the ledger waits for the next minute: {Reason}", e.Message);
        }
    }

    private async Task<bool> IsDoneAsync(Task chores, TimeSpan within)
    {
        using var enough = new CancellationTokenSource();
        await Task.WhenAny(chores, Task.Delay(within, _clock, enough.Token));
        await enough.CancelAsync();
        return chores.IsCompleted;
    }

    private async Task RunAsync(Chore chore, List<Exception> failures, CancellationToken cancellation)
    {
        // Whatever it is, it must not end the others.
        try
        {
            await Task.Yield();
            await chore.RunAsync(cancellation);
        }
        catch (Exception e)
        {
            if (!cancellation.IsCancellationRequested)
                _logger.LogError(e, "{Chore} failed, and is done again in the next minute: {Reason}", chore.Name, e.Message);
            lock (failures)
                failures.Add(e);
        }
    }

    /// <summary>One of the things to do.</summary>
    private sealed record Chore(string Name, Func<CancellationToken, Task> RunAsync)
    {
        public int EveryMinutes { get; init; } = 1;
    }
}
