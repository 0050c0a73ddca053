using System.Text;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Finalizing;

/// <summary>The services that are known to begin traces with their calls: learned by <see cref="BreakFinder"/>, read anew every half minute.</summary>
public sealed class PropagationOpeners(TableStorage storage, TimeProvider clock)
{
    /// <summary>More are not kept.</summary>
    public const int MaxServices = 1_000;

    private const string Key = "propagation-openers";
    private const int PageRows = 1_000;

    private static readonly TimeSpan HintAge = TimeSpan.FromSeconds(30);

    private volatile Hint _hint = new(new HashSet<string>(), DateTimeOffset.MinValue);

    /// <summary>The services.</summary>
    /// <exception cref="StorageException">The table cannot be read.</exception>
    public async ValueTask<IReadOnlySet<string>> KnownAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var hint = _hint;
        if (now - hint.At <= HintAge && now >= hint.At)
            return hint.Services;
        var services = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in storage.ReadAsync(FinalizeState.Table, Key, "", null, PageRows, cancellation))
            services.Add(Encoding.UTF8.GetString(row.Data));
        _hint = new Hint(services, now);
        return services;
    }

    /// <summary>Adds services.</summary>
    /// <exception cref="StorageException">The table cannot be written.</exception>
    public async Task LearnAsync(IEnumerable<string> services, CancellationToken cancellation)
    {
        var known = await KnownAsync(cancellation);
        var unknown = services.Where(service => service.Length > 0 && !known.Contains(service)).Distinct(StringComparer.Ordinal)
            .Take(MaxServices - known.Count).ToArray();
        if (unknown.Length == 0)
            return;
        await storage.WriteAsync(
            FinalizeState.Table, Key, [.. unknown.Select(service => new StoredRow(RowKeys.Name(service), Encoding.UTF8.GetBytes(service)))], cancellation);
        _hint = new Hint(known.Concat(unknown).ToHashSet(StringComparer.Ordinal), clock.GetUtcNow());
    }

    private sealed record Hint(IReadOnlySet<string> Services, DateTimeOffset At);
}
