using Serverless.Functions.Storage;

namespace Serverless.Functions.Alerting.Store;

/// <summary>The rows of alerts, all in one partition, so that any of them change together.</summary>
internal interface IAlertTable
{
    /// <summary>The most rows that change together.</summary>
    const int MaxWrites = TableStorage.MaxOperations;

    /// <summary>Reads the rows whose keys are in [from, to), in order.</summary>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    IAsyncEnumerable<AlertRow> ReadAsync(string from, string to, CancellationToken cancellation);

    /// <summary>Changes rows, all or none.</summary>
    /// <returns>False where a condition was not met, and nothing was changed: somebody else was there first.</returns>
    /// <exception cref="StorageException">The table cannot be written; whether it was is not known.</exception>
    Task<bool> TryWriteAsync(IReadOnlyList<AlertRowWrite> writes, CancellationToken cancellation);
}
