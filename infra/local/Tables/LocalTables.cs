using Serverless.Local.Tables;

namespace Serverless.Local;

/// <summary>What only the local platform's tables have.</summary>
public static class LocalTables
{
    /// <summary>What the tables were asked for, and what they take.</summary>
    public static TableStoreStatistics Statistics(LocalPlatform platform) => TableStore.Of(platform).Statistics();

    /// <summary>
    /// Sets how long the name of a deleted table cannot be used again (409 TableBeingDeleted): 40 s by the platform's clock
    /// unless set, as in the service. Forgotten when the platform closes.
    /// </summary>
    public static void SetDeletionDelay(LocalPlatform platform, TimeSpan delay) => TableStore.Of(platform).DeletionDelay = delay;

    /// <summary>Flushes memtables to segments and merges those that are due; for measuring what data take on disk.</summary>
    public static Task FlushAsync(LocalPlatform platform) => TableStore.Of(platform).FlushAsync();
}
