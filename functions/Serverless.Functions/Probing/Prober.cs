using System.Globalization;
using Serverless.Functions.Probing.Requests;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Probing;

/// <summary>
/// Sends the traces of the minute by each protocol and looks for them and for earlier ones that are not found yet. A probe is noted before it is
/// posted, so that one whose run is broken off is posted by a later one, with the same bytes.
/// </summary>
public sealed class Prober(ProbeSettings settings, ProbeHttp http, ProbeStore store, TimeProvider clock)
{
    private const int LongestDetail = 1_000;

    // What is open for longer was left by a prober that stood still; nobody waits for it.
    private static readonly TimeSpan Lookback = TimeSpan.FromHours(1);

    // Between the looks of a run, which is over before the next minute begins.
    private static readonly TimeSpan[] Waits = [.. ((double[])[0.25, 0.5, 1, 1, 2, 3, 5, 8]).Select(TimeSpan.FromSeconds)];

    private readonly ProbeCheck _check = new(http);

    /// <summary>Runs once; does nothing without an address.</summary>
    /// <exception cref="StorageException">The probes cannot be noted or read.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!settings.IsEnabled)
            return;
        var now = clock.GetUtcNow();
        var minute = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        foreach (var protocol in ProbeNames.Protocols)
            await store.TryWriteAsync(new ProbeRow(minute, protocol), cancellation);
        var open = new List<(ProbeRow Row, ProbeTrace Trace)>();
        await foreach (var row in store.ReadAsync(now - Lookback, minute.AddMinutes(1), cancellation))
        {
            if (row.State == ProbeState.Pending)
                open.Add((row, ProbeTrace.Of(row.Minute, row.Protocol)));
        }

        for (var i = 0; i < open.Count; i++)
        {
            if (open[i].Row.PostedAt is null)
                open[i] = (await PostAsync(open[i].Row, open[i].Trace, cancellation), open[i].Trace);
        }

        for (var look = 0; look <= Waits.Length; look++)
        {
            for (var i = 0; i < open.Count; i++)
                open[i] = (await LookAsync(open[i].Row, open[i].Trace, cancellation), open[i].Trace);
            foreach (var (row, _) in open.Where(probe => probe.Row.State != ProbeState.Pending))
                await store.TryWriteAsync(row, cancellation);
            open.RemoveAll(probe => probe.Row.State != ProbeState.Pending);
            if (open.Count == 0 || look == Waits.Length)
                break;
            await Task.Delay(Waits[look], clock, cancellation);
        }

        foreach (var (row, _) in open)
            await store.TryWriteAsync(row, cancellation);
    }

    private async Task<ProbeRow> PostAsync(ProbeRow row, ProbeTrace trace, CancellationToken cancellation)
    {
        foreach (var request in ProbeRequests.Of(trace))
        {
            var answer = await http.PostAsync(request, cancellation);
            if (answer.Error.Length > 0)
                return Failed(row, answer.Finding, answer.Error);
        }

        return row with { PostedAt = clock.GetUtcNow() };
    }

    private async Task<ProbeRow> LookAsync(ProbeRow row, ProbeTrace trace, CancellationToken cancellation)
    {
        if (row.State != ProbeState.Pending || row.PostedAt is not { } postedAt)
            return row;
        if (row.VisibleAfter is null)
        {
            var (missing, words) = await _check.VisibleAsync(trace, cancellation);
            if (missing != ProbeFinding.None)
                return Waiting(row, postedAt, missing, words);
            row = row with { VisibleAfter = clock.GetUtcNow() - postedAt };
        }

        var (finding, detail) = await _check.InDependenciesAsync(trace, cancellation);
        if (finding != ProbeFinding.None)
            return Waiting(row, postedAt, finding, detail);
        var visible = row.VisibleAfter.Value.TotalSeconds;
        return visible > settings.LateSeconds
            ? Failed(row, ProbeFinding.Late, string.Create(CultureInfo.InvariantCulture, $"visible after {visible:0.0} s; {settings.LateSeconds:0.#} s are allowed"))
            : row with { State = ProbeState.Complete, Finding = ProbeFinding.None, Detail = "" };

        // What is there and wrong does not become right; all else may come yet.
        ProbeRow Waiting(ProbeRow probe, DateTimeOffset posted, ProbeFinding missing, string words) =>
            missing == ProbeFinding.WrongContent || clock.GetUtcNow() - posted >= TimeSpan.FromSeconds(settings.DeadlineSeconds)
                ? Failed(probe, missing, words)
                : probe with { Finding = missing, Detail = Short(words) };
    }

    private static ProbeRow Failed(ProbeRow row, ProbeFinding finding, string detail) =>
        row with { State = ProbeState.Failed, Finding = finding, Detail = Short(detail) };

    private static string Short(string text) => text.Length <= LongestDetail ? text : text[..LongestDetail];
}
