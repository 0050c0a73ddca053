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
    /// <exception cref="Storage.StorageException">The table of alerts cannot be read or written; nothing is lost by trying again.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var due = (await store.OutboxAsync(cancellation)).GroupBy(e => e.Entry.Receiver).Where(g => IsDue(g.Key, g.First().Entry)).ToArray();
            if (due.Length == 0)
                return;
            foreach (var group in due)
                await MakeAsync(group.Key, [.. group.Take(MostAtOnce)], cancellation);
        }
    }

    private bool IsDue(string receiver, OutboxEntry oldest) =>
        receivers.Find(receiver) is not { } found || clock.GetUtcNow() - oldest.At >= TimeSpan.FromSeconds(found.Settings.GroupWaitSeconds);

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
