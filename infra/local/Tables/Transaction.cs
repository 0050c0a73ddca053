using Serverless.Local.Tables.Storage;

namespace Serverless.Local.Tables;

/// <summary>
/// Writes to entities of one partition that are done together or not at all. First each is checked and encoded by itself,
/// which needs no lock; then, under the table's write gate, those that depend on what is stored are resolved.
/// </summary>
internal sealed class Transaction : IDisposable
{
    // Spares most batches growing in many steps.
    private const int ExpectedRowBytes = 512;

    private readonly LsmTable _table;
    private readonly IReadOnlyList<RowWrite> _writes;
    private WriteBatch? _batch;

    private Transaction(LsmTable table, IReadOnlyList<RowWrite> writes)
    {
        _table = table;
        _writes = writes;
        _batch = new WriteBatch(table.Id, Math.Min(writes.Count, TableLimits.MaxTransactionActions) * ExpectedRowBytes);
    }

    /// <summary>Whether it depends on what is stored; replacing whatever is there does not.</summary>
    public bool NeedsResolving { get; private set; }

    /// <summary>Checks and encodes the writes.</summary>
    public static Transaction Prepare(LsmTable table, IReadOnlyList<RowWrite> writes, out Refusal? refusal)
    {
        var transaction = new Transaction(table, writes);
        refusal = writes.Count > TableLimits.MaxTransactionActions
            ? new Refusal(TableError.InvalidInput($"A transaction has at most {TableLimits.MaxTransactionActions} operations, not {writes.Count}."), TableLimits.MaxTransactionActions)
            : transaction.Encode();
        return transaction;
    }

    /// <summary>Checks the conditions against what is stored, and merges into it.</summary>
    public Refusal? Resolve(TableView stored)
    {
        var resolved = new WriteBatch(_table.Id, _batch!.Length);
        var rows = _batch.Rows;
        for (var i = 0; rows.MoveNext(); i++)
        {
            if (Resolve(_writes[i], rows, stored, resolved) is not { } error)
                continue;
            resolved.Dispose();
            return new Refusal(error, i);
        }

        _batch.Dispose();
        _batch = resolved;
        return null;
    }

    /// <summary>The encoded writes, which the caller then owns.</summary>
    public WriteBatch TakeBatch()
    {
        var batch = _batch!;
        _batch = null;
        return batch;
    }

    public void Dispose() => _batch?.Dispose();

    private Refusal? Encode()
    {
        var rowKeys = _writes.Count > 1 ? new HashSet<string>(_writes.Count, StringComparer.Ordinal) : null;
        Span<byte> key = stackalloc byte[KeyCodec.MaxKeyBytes];
        var requestBytes = 0L;
        for (var i = 0; i < _writes.Count; i++)
        {
            var entity = _writes[i].Entity;
            var error = TableLimits.CheckKeys(entity.PartitionKey, entity.RowKey);
            if (error is null && entity.PartitionKey != _writes[0].Entity.PartitionKey)
                error = TableError.CommandsInBatchActOnDifferentPartitions;
            if (error is null && rowKeys?.Add(entity.RowKey) == false)
                error = TableError.InvalidDuplicateRow;
            error ??= Encode(_writes[i], key, ref requestBytes);
            if (error is not null)
                return new Refusal(error, i);
        }

        return requestBytes > TableLimits.MaxTransactionBytes ? new Refusal(TableError.RequestBodyTooLarge, null) : null;
    }

    private TableError? Encode(RowWrite write, Span<byte> keyBuffer, ref long requestBytes)
    {
        var key = keyBuffer[..KeyCodec.Encode(write.Entity.PartitionKey, write.Entity.RowKey, keyBuffer)];
        NeedsResolving |= write.Kind != RowWriteKind.UpsertReplace;
        if (write.Kind == RowWriteKind.Delete)
        {
            _batch!.Delete(key);
            return null;
        }

        var error = EntityWriter.Write(write.Entity, _batch!.BeginRow(key), out var bytes);
        _batch.EndRow();
        requestBytes += bytes;
        return error;
    }

    private static TableError? Resolve(RowWrite write, WriteBatch.RowReader row, TableView view, WriteBatch resolved)
    {
        var exists = view.TryGet(row.Key, long.MaxValue, out var version, out var stored);
        if (write.Kind == RowWriteKind.Add && exists)
            return TableError.EntityAlreadyExists;
        if (write.Kind is RowWriteKind.Merge or RowWriteKind.Replace or RowWriteKind.Delete)
        {
            if (!exists)
                return TableError.ResourceNotFound;
            if (!EntityTag.Matches(write.Condition, version))
                return TableError.UpdateConditionNotSatisfied;
        }

        if (exists && write.Kind is (RowWriteKind.Merge or RowWriteKind.UpsertMerge))
        {
            var error = EntityWriter.Merge(row.Key, stored, row.Value, resolved.BeginRow(row.Key));
            resolved.EndRow();
            return error;
        }

        if (row.IsDelete)
            resolved.Delete(row.Key);
        else
            resolved.Put(row.Key, row.Value);
        return null;
    }
}
