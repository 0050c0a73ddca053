namespace Serverless.Local;

/// <summary>The operations that a <see cref="Fault"/> can strike. A fault's operation may also be a prefix ending in <c>*</c>.</summary>
public static class FaultOperations
{
    /// <summary>A producer's send.</summary>
    public const string HubSend = "hub.send";

    /// <summary>The trigger's or a consumer's read from a partition.</summary>
    public const string HubReceive = "hub.receive";

    /// <summary>The trigger's writing of a checkpoint.</summary>
    public const string HubCheckpoint = "hub.checkpoint";

    /// <summary>Reading hub or partition properties.</summary>
    public const string HubProperties = "hub.properties";

    /// <summary>A point read of one entity.</summary>
    public const string TableGet = "table.get";

    /// <summary>One page of a query.</summary>
    public const string TableQuery = "table.query";

    /// <summary>A write of one entity (add, update, upsert, delete).</summary>
    public const string TableWrite = "table.write";

    /// <summary>An entity group transaction.</summary>
    public const string TableTransaction = "table.transaction";

    /// <summary>Creating, deleting or listing tables.</summary>
    public const string TableManage = "table.manage";

    /// <summary>Every operation that has a name here.</summary>
    public static IReadOnlyList<string> All { get; } =
        [HubSend, HubReceive, HubCheckpoint, HubProperties, TableGet, TableQuery, TableWrite, TableTransaction, TableManage];
}
