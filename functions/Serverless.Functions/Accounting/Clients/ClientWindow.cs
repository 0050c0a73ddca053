using Serverless.Tracing.Ledger;

namespace Serverless.Functions.Accounting.Clients;

/// <summary>What senders lost by their own account.</summary>
/// <param name="Minutes">In a window, by the minute in which they said so.</param>
/// <param name="AllTime">Since the ledger began, by service and sender; to the present where the window reaches that.</param>
internal sealed record ClientWindow(IReadOnlyList<LedgerMinute> Minutes, LedgerCounts AllTime)
{
    public static ClientWindow None { get; } = new([], new LedgerCounts());
}
