using Serverless.Functions.Alerting.Evaluation;
using Serverless.Functions.Storage;
using Serverless.Tracing.Alerting;

namespace Serverless.Functions.Alerting.Store;

/// <summary>What is kept of alerts: the states of the rules, what is to be sent, what happened, and the silences.</summary>
internal sealed class AlertStore(IAlertTable table)
{
    /// <summary>The most silences that are kept at once.</summary>
    public const int MaxSilences = 500;

    private const int MostDeletedAtOnce = 1_000;

    /// <summary>The states of all rules, by name.</summary>
    public async Task<Dictionary<string, RuleState>> RulesAsync(CancellationToken cancellation)
    {
        var states = new Dictionary<string, RuleState>(StringComparer.Ordinal);
        await foreach (var row in Read(AlertKeys.AllRules, cancellation))
        {
            var state = AlertJson.Read<RuleState>(row) with { ETag = row.ETag };
            states[state.Rule] = state;
        }

        return states;
    }

    /// <summary>
    /// Replaces the state of a rule, and with it in one transaction writes what is to be sent and what happened.
    /// </summary>
    /// <param name="state">The state, with the version that it replaces.</param>
    /// <param name="changes">What changed.</param>
    /// <param name="outbox">What is to be sent.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>False where somebody else evaluated the rule since it was read.</returns>
    public Task<bool> TryCommitAsync(
        RuleState state, IReadOnlyList<AlertEvent> changes, IReadOnlyList<OutboxEntry> outbox, CancellationToken cancellation)
    {
        var key = AlertKeys.Rule(state.Rule);
        var writes = new List<AlertRowWrite> { new(key, AlertJson.Write(state), state.ETag) };
        foreach (var entry in outbox)
            writes.Add(AlertRowWrite.Add(AlertKeys.OutboxOf(entry.Receiver, entry.At, state.Rule), AlertJson.Write(entry)));
        if (changes.Count > 0)
            writes.Add(AlertRowWrite.Add(AlertKeys.Change(state.EvaluatedAt, state.Rule), AlertJson.Write(new HistoryEntry(state.EvaluatedAt, changes, null))));
        return table.TryWriteAsync(writes, cancellation);
    }

    /// <summary>Forgets a rule that has no alerts.</summary>
    public Task<bool> TryForgetAsync(RuleState state, CancellationToken cancellation) =>
        table.TryWriteAsync([new AlertRowWrite(AlertKeys.Rule(state.Rule), null, state.ETag)], cancellation);

    /// <summary>What is to be made messages of, by receiver and in the order of time.</summary>
    public async Task<List<(AlertRow Row, OutboxEntry Entry)>> OutboxAsync(CancellationToken cancellation)
    {
        var entries = new List<(AlertRow, OutboxEntry)>();
        await foreach (var row in Read(AlertKeys.AllOutbox, cancellation))
            entries.Add((row, AlertJson.Read<OutboxEntry>(row)));
        return entries;
    }

    /// <summary>The messages that are to be sent, by receiver and in the order of time.</summary>
    public async Task<List<(AlertRow Row, Notification Notification)>> NotificationsAsync(CancellationToken cancellation)
    {
        var notifications = new List<(AlertRow, Notification)>();
        await foreach (var row in Read(AlertKeys.AllNotifications, cancellation))
            notifications.Add((row, AlertJson.Read<Notification>(row)));
        return notifications;
    }

    /// <summary>Puts messages in the place of what they were made of.</summary>
    /// <param name="used">Entries of the outbox that are used up.</param>
    /// <param name="kept">One of which a part is left, or null.</param>
    /// <param name="made">The messages.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>False where somebody else did it.</returns>
    public Task<bool> TryMakeAsync(
        IReadOnlyList<AlertRow> used, (AlertRow Row, OutboxEntry Left)? kept, IReadOnlyList<Notification> made, CancellationToken cancellation)
    {
        var writes = new List<AlertRowWrite>(used.Select(AlertRowWrite.Delete));
        if (kept is var (row, rest))
            writes.Add(AlertRowWrite.Replace(row, AlertJson.Write(rest)));
        writes.AddRange(made.Select(n => AlertRowWrite.Add(AlertKeys.Notification(n.Receiver, n.CreatedAt, n.Id), AlertJson.Write(n))));
        return table.TryWriteAsync(writes, cancellation);
    }

    /// <summary>Notes that a message is about to be tried: whoever notes it first, tries it.</summary>
    /// <returns>The row with its new version, or null where somebody else was there first.</returns>
    public async Task<AlertRow?> TryClaimAsync(AlertRow row, Notification notification, CancellationToken cancellation)
    {
        var data = AlertJson.Write(notification);
        if (!await table.TryWriteAsync([AlertRowWrite.Replace(row, data)], cancellation))
            return null;
        await foreach (var claimed in table.ReadAsync(row.Key, row.Key + "~", cancellation))
            return claimed.Data.AsSpan().SequenceEqual(data) ? claimed : null;
        return null;
    }

    /// <summary>Notes why a message was not taken.</summary>
    public Task<bool> TryNoteAsync(AlertRow row, Notification notification, CancellationToken cancellation) =>
        table.TryWriteAsync([AlertRowWrite.Replace(row, AlertJson.Write(notification))], cancellation);

    /// <summary>Ends a message: it is no longer tried, and the history says what became of it.</summary>
    public Task<bool> TryEndAsync(AlertRow row, DeliveryRecord record, DateTimeOffset now, CancellationToken cancellation) => table.TryWriteAsync(
        [AlertRowWrite.Delete(row), AlertRowWrite.Add(AlertKeys.Delivery(now, record.Id), AlertJson.Write(new HistoryEntry(now, [], record)))],
        cancellation);

    /// <summary>What happened before a time, newest first.</summary>
    public async IAsyncEnumerable<HistoryEntry> HistoryAsync(
        DateTimeOffset before, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in Read(AlertKeys.HistoryBefore(before), cancellation))
            yield return AlertJson.Read<HistoryEntry>(row);
    }

    /// <summary>Deletes what happened before a time, and silences that ended before it; a bounded number at once.</summary>
    public async Task CleanAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        var old = new List<AlertRow>();
        await foreach (var row in Read(AlertKeys.HistoryBefore(before), cancellation))
        {
            old.Add(row);
            if (old.Count == MostDeletedAtOnce)
                break;
        }

        await foreach (var row in Read(AlertKeys.AllSilences, cancellation))
        {
            if (AlertJson.Read<SilenceRecord>(row).EndsAt < before)
                old.Add(row);
        }

        foreach (var rows in old.Chunk(IAlertTable.MaxWrites))
            await table.TryWriteAsync([.. rows.Select(AlertRowWrite.Delete)], cancellation);
    }

    /// <summary>The silences, those that ended included.</summary>
    public async Task<List<SilenceRecord>> SilencesAsync(CancellationToken cancellation)
    {
        var silences = new List<SilenceRecord>();
        await foreach (var row in Read(AlertKeys.AllSilences, cancellation))
            silences.Add(AlertJson.Read<SilenceRecord>(row));
        return silences;
    }

    /// <summary>Adds a silence.</summary>
    public Task<bool> TryAddAsync(SilenceRecord silence, CancellationToken cancellation) =>
        table.TryWriteAsync([AlertRowWrite.Add(AlertKeys.SilenceOf(silence.Id!), AlertJson.Write(silence))], cancellation);

    /// <summary>Ends a silence now.</summary>
    /// <returns>False where there is none, or it has ended.</returns>
    public async Task<bool> TryEndSilenceAsync(string id, DateTimeOffset now, CancellationToken cancellation)
    {
        var key = AlertKeys.SilenceOf(RowKeys.Name(id));
        await foreach (var row in table.ReadAsync(key, key + "~", cancellation))
        {
            var silence = AlertJson.Read<SilenceRecord>(row);
            return row.Key == key && silence.EndsAt > now
                && await table.TryWriteAsync([AlertRowWrite.Replace(row, AlertJson.Write(silence with { EndsAt = now }))], cancellation);
        }

        return false;
    }

    /// <summary>The silences in the form that alerts are compared with.</summary>
    public async Task<IReadOnlyList<Silence>> ActiveSilencesAsync(DateTimeOffset now, CancellationToken cancellation) =>
        [.. (await SilencesAsync(cancellation)).Where(s => s.EndsAt > now && s.StartsAt <= now).Select(s => s.ToSilence())];

    private IAsyncEnumerable<AlertRow> Read((string From, string To) range, CancellationToken cancellation) => table.ReadAsync(range.From, range.To, cancellation);
}
