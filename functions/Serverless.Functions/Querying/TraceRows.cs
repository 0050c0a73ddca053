using Serverless.Functions.Storage;

namespace Serverless.Functions.Querying;

/// <summary>
/// The rows of a trace while they are read from several tables at once: the first that makes it a large one waits for a place, and all others
/// with it. Without places a large trace is not read to its end.
/// </summary>
internal sealed class TraceRows(TracingSettings settings, LargeTracePlaces? places, CancellationToken cancellation) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private long _bytes;
    private Task<IDisposable>? _entering;

    /// <summary>The trace is a large one, and has its place, where there are places.</summary>
    public bool IsLarge { get; private set; }

    /// <summary>There are rows that were not taken.</summary>
    public bool IsCut { get; private set; }

    /// <summary>True for the key of a row that was taken.</summary>
    public bool Has(string rowKey)
    {
        lock (_gate)
            return _keys.Contains(rowKey);
    }

    /// <summary>Counts a row that was read.</summary>
    /// <returns>False where it is over the bound and not to be taken.</returns>
    /// <exception cref="TooManyLargeTracesException">Too many others are being answered.</exception>
    public async ValueTask<bool> AddAsync(StoredRow row)
    {
        Task<IDisposable>? entering;
        lock (_gate)
        {
            if (_bytes + row.Data.Length > settings.MaxTraceBytes)
            {
                IsCut = true;
                return false;
            }

            _bytes += row.Data.Length;
            _keys.Add(row.RowKey);
            if (_bytes > settings.LargeTraceBytes)
            {
                IsLarge = true;
                if (places is null)
                    return false;
                _entering ??= places.EnterAsync(cancellation);
            }

            entering = _entering;
        }

        if (entering is not null)
            await entering;
        return true;
    }

    /// <summary>Hands the place over; null where the trace is not large.</summary>
    public IDisposable? TakePlace()
    {
        var place = _entering is { IsCompletedSuccessfully: true } ? _entering.Result : null;
        _entering = null;
        return place;
    }

    /// <summary>Gives the place back that nobody took over.</summary>
    public void Dispose() => TakePlace()?.Dispose();
}
