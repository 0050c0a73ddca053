using Microsoft.Extensions.Logging;
using Serverless.Functions.Alerting.Store;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>
/// Brings messages to receivers: each is tried, with growing pauses, until the receiver takes it or its deadline has passed. A try is
/// noted before it is made, so that two instances never make the same one; a crash between a receiver's answer and the note of it makes the
/// message come twice, with the same id.
/// </summary>
internal sealed class AlertDelivery(
    AlertStore store, Receivers receivers, AlertHttp http, AlertSettings settings, AlertCounters counters, TimeProvider clock,
    ILogger<AlertDelivery> logger)
{
    private const int MostReceiversAtOnce = 8;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>How long one run may take; what is left comes with the next.</summary>
    private static readonly TimeSpan RunTime = TimeSpan.FromSeconds(30);

    /// <summary>Sends what is due.</summary>
    /// <returns>When the next try is due; null where nothing is left to be sent.</returns>
    /// <exception cref="Storage.StorageException">The table of alerts cannot be read or written; nothing is lost by trying again.</exception>
    public async Task<DateTimeOffset?> RunAsync(CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        var all = await store.NotificationsAsync(cancellation);
        if (all.Count == 0)
            return null;
        await Parallel.ForEachAsync(
            all.GroupBy(n => n.Notification.Receiver),
            new ParallelOptions { MaxDegreeOfParallelism = MostReceiversAtOnce, CancellationToken = cancellation },
            async (group, token) => await SendAllAsync(group.Key, group, start, token));
        var left = await store.NotificationsAsync(cancellation);
        return left.Count > 0 ? left.Min(n => n.Notification.DueAt) : null;
    }

    /// <summary>The pause before the next try: doubled each time, and spread so that not all come back at once.</summary>
    internal static TimeSpan Pause(int attempts)
    {
        var longest = Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 10)));
        return TimeSpan.FromSeconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    private async Task SendAllAsync(
        string name, IEnumerable<(AlertRow Row, Notification Notification)> messages, long start, CancellationToken cancellation)
    {
        var receiver = receivers.Find(name);
        // A later message of a group never overtakes an earlier one.
        var waiting = new HashSet<string>(StringComparer.Ordinal);
        var isReachable = true;
        foreach (var (row, message) in messages)
        {
            var now = clock.GetUtcNow();
            if (receiver is null)
            {
                await GiveUpAsync(row, message with { Error = "The receiver is no longer in the settings." }, now, cancellation);
                continue;
            }

            if (now >= message.Deadline && message.Attempts > 0)
            {
                await GiveUpAsync(row, message, now, cancellation);
                continue;
            }

            var group = message.GroupLabels.ToString();
            var isTime = isReachable && message.DueAt <= now && !waiting.Contains(group) && clock.GetElapsedTime(start) < RunTime;
            var result = isTime ? await TryAsync(receiver, row, message, cancellation) : null;
            if (result is { Error: null })
                continue;
            waiting.Add(group);
            isReachable &= result is not { IsUnreachable: true };
        }
    }

    /// <returns>What came of it; null where another instance tries it.</returns>
    private async Task<SendResult?> TryAsync(Receiver receiver, AlertRow row, Notification message, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var attempt = message with { Attempts = message.Attempts + 1, DueAt = now + Pause(message.Attempts + 1) };
        if (await store.TryClaimAsync(row, attempt, cancellation) is not { } claimed)
            return null;
        var context = new FormatContext(settings.ExternalUrl, now, TimeSpan.FromMinutes(settings.RepeatMinutes));
        using var request = receiver.Format.Write(message, receiver, context);
        if (receiver.Settings.Authorization.Length > 0)
            request.Headers.TryAddWithoutValidation("Authorization", receiver.Settings.Authorization);
        var result = await http.SendAsync(request, TimeSpan.FromSeconds(receiver.Settings.TimeoutSeconds), cancellation);
        var end = clock.GetUtcNow();
        if (result.Error is null)
        {
            counters.Sent(receiver.Name);
            await store.TryEndAsync(claimed, Record(attempt, DeliveryRecord.Sent, null), end, cancellation);
            return result;
        }

        counters.TryFailed(receiver.Name);
        var failed = attempt with { Error = result.Error };
        logger.LogWarning("The receiver {Receiver} did not take the message {Id} (try {Attempt}): {Error}", receiver.Name, message.Id, attempt.Attempts, result.Error);
        if (end >= message.Deadline)
            await GiveUpAsync(claimed, failed, end, cancellation);
        else
            await store.TryNoteAsync(claimed, result.RetryAfter is { } wait && now + wait > failed.DueAt ? failed with { DueAt = now + Least(wait) } : failed, cancellation);
        return result;
    }

    private static TimeSpan Least(TimeSpan wait) => wait < LongestPause ? wait : LongestPause;

    private async Task GiveUpAsync(AlertRow row, Notification message, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!await store.TryEndAsync(row, Record(message, DeliveryRecord.Failed, message.Error), now, cancellation))
            return;
        counters.GivenUp(message.Receiver);
        logger.LogError(
            "The message {Id} to {Receiver} about {Alerts} alerts was given up after {Attempts} tries: {Error}",
            message.Id, message.Receiver, message.Events.Count, message.Attempts, message.Error);
    }

    private static DeliveryRecord Record(Notification message, string outcome, string? error) =>
        new(message.Id, message.Receiver, message.Events.Count, message.Attempts, outcome, error);
}
