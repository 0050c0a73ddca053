namespace Serverless.Local.Tables.Storage;

/// <summary>
/// A position in rows ordered by key, and for one key from the newest version to the oldest. Its spans are good until it
/// moves, and while the <see cref="TableView"/> that it reads from is held.
/// </summary>
internal abstract class RowCursor
{
    /// <summary>Whether it stands on a row. False before the first seek and after the last row.</summary>
    public abstract bool IsValid { get; }

    public abstract ReadOnlySpan<byte> Key { get; }

    /// <summary>The version that wrote the row; a larger one is newer.</summary>
    public abstract long Version { get; }

    /// <summary>Whether the row says that the key was deleted.</summary>
    public abstract bool IsTombstone { get; }

    public abstract ReadOnlySpan<byte> Value { get; }

    /// <summary>Moves to the first row whose key is not less.</summary>
    public abstract void Seek(ReadOnlySpan<byte> key);

    public abstract void MoveNext();
}
