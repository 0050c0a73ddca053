namespace Serverless.Local.Tables.Storage;

/// <summary>
/// Something that readers may still use after the store has replaced it: freed when its last user has let go. Starts
/// with one user, its maker.
/// </summary>
internal abstract class RefCounted
{
    private int _users = 1;

    public void AddRef() => Interlocked.Increment(ref _users);

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Free();
    }

    protected abstract void Free();
}
