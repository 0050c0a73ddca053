using Serverless.Functions.Storage;

namespace Serverless.Functions.Sampling;

/// <summary>The services' strategies, table <c>sampling</c>: the row's bytes are the JSON that clients get.</summary>
public sealed class SamplingStrategies
{
    private const string Table = "sampling";
    private const string Partition = "strategy";

    // Sorts behind a key and before all that begin with it: escaped names have nothing below it.
    private const char AfterKey = ' ';

    private readonly TableStorage _storage;
    private readonly byte[] _default;

    /// <summary>Makes the strategy of services that have none from the settings.</summary>
    /// <exception cref="InvalidOperationException">The probability that they give is none.</exception>
    public SamplingStrategies(TableStorage storage, TracingSettings settings)
    {
        _storage = storage;
        if (settings.Sampling.DefaultProbability is not (>= 0 and <= 1) and var probability)
            throw new InvalidOperationException($"{TracingSettings.Section}:Sampling:{nameof(SamplingSettings.DefaultProbability)} must be from 0 to 1, not {probability}.");
        _default = new SamplingStrategy { SamplingRate = settings.Sampling.DefaultProbability }.ToJson();
    }

    /// <summary>The strategy of a service, or the default one, as JSON.</summary>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    public async Task<byte[]> JsonOfAsync(string service, CancellationToken cancellation)
    {
        var key = RowKeys.Name(service);
        await foreach (var row in _storage.ReadAsync(Table, Partition, key, key + AfterKey, 1, cancellation))
            return row.Data;
        return _default;
    }

    /// <summary>Sets the strategy of a service.</summary>
    /// <exception cref="StorageException">The table cannot be written.</exception>
    public Task SetAsync(string service, SamplingStrategy strategy, CancellationToken cancellation) =>
        _storage.WriteAsync(Table, Partition, [new StoredRow(RowKeys.Name(service), strategy.ToJson())], cancellation);

    /// <summary>Removes the strategy of a service, so that the default one is told again.</summary>
    /// <exception cref="StorageException">The table cannot be written.</exception>
    public async Task RemoveAsync(string service, CancellationToken cancellation) =>
        await _storage.DeleteAsync(Table, Partition, RowKeys.Name(service), cancellation);
}
