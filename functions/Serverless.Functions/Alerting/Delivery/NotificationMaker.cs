using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Alerting.Store;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>Makes messages of what is to be told: what belongs to a group comes in one.</summary>
internal sealed class NotificationMaker(AlertStore store, Receivers receivers, TimeProvider clock)
{
    /// <summary>The most entries, and the most messages, of one transaction.</summary>
    private const int MostAtOnce = 45;

    private const int MostRounds = 50;

    private DateTimeOffset _lastMade;

    /// <summary>Makes the messages whose time has come.</summary>
    /// <returns>When the time of the next comes; null where there is none.</returns>
    /// <exception cref="Storage.StorageException">The table of alerts cannot be read or written; nothing is lost by trying again.</exception>
    public async Task<DateTimeOffset?> RunAsync(CancellationToken cancellation)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var waiting = (await store.OutboxAsync(cancellation)).GroupBy(e => e.Entry.Receiver).Select(g => (Entries: g, DueAt: DueAt(g.Key, g.First().Entry))).ToArray();
            var now = clock.GetUtcNow();
            if (Array.TrueForAll(waiting, group => group.DueAt > now))
                return waiting.Length > 0 ? waiting.Min(group => group.DueAt) : null;
            foreach (var (entries, _) in waiting.Where(group => group.DueAt <= now))
                await MakeAsync(entries.Key, [.. entries.Take(MostAtOnce)], cancellation);
        }

        return clock.GetUtcNow();
    }

    private DateTimeOffset DueAt(string receiver, OutboxEntry oldest) =>
        receivers.Find(receiver) is { } found ? oldest.At + TimeSpan.FromSeconds(found.Settings.GroupWaitSeconds) : oldest.At;

    private async Task MakeAsync(string name, List<(AlertRow Row, OutboxEntry Entry)> entries, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (receivers.Find(name) is not { } receiver)
        {
            // Somebody took the receiver out of the settings.
            await store.TryMakeAsync([.. entries.Select(e => e.Row)], null, [], cancellation);
            return;
        }

        var messages = new List<(LabelSet Group, List<AlertEvent> Events)>();
        var used = new List<AlertRow>();
        (AlertRow, OutboxEntry)? kept = null;
        foreach (var (row, entry) in entries)
        {
            var taken = entry.Events.TakeWhile(alert => TryAdd(messages, receiver, alert)).Count();
            if (taken < entry.Events.Count)
            {
                kept = taken > 0 ? (row, entry with { Events = [.. entry.Events.Skip(taken)] }) : null;
                break;
            }

            used.Add(row);
        }

        // A tick apart, so that their keys keep their order.
        var first = now > _lastMade ? now : _lastMade.AddTicks(1);
        _lastMade = first.AddTicks(messages.Count);
        var made = messages.Select((message, i) => new Notification
        {
            Id = $"msg_{Guid.CreateVersion7(now):N}", Receiver = name, GroupLabels = message.Group, Events = message.Events,
            CreatedAt = first.AddTicks(i), DueAt = now, Deadline = now.AddMinutes(receiver.Settings.DeadlineMinutes),
        });
        await store.TryMakeAsync(used, kept, [.. made], cancellation);
    }

    private static bool TryAdd(List<(LabelSet Group, List<AlertEvent> Events)> messages, Receiver receiver, AlertEvent alert)
    {
        var group = receiver.GroupOf(alert);
        var open = messages.FindLast(message => message.Group.Equals(group)).Events;
        if (open is not null && open.Count < receiver.Format.MaxEvents)
        {
            open.Add(alert);
            return true;
        }

        if (messages.Count == MostAtOnce)
            return false;
        messages.Add((group, [alert]));
        return true;
    }
}
