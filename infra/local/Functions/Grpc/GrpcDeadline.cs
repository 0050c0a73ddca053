namespace Serverless.Local;

/// <summary>Ends a call when its client's patience does, or when its client is gone.</summary>
internal sealed class GrpcDeadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly ITimer? _timer;

    /// <summary>Begins to wait.</summary>
    /// <param name="timeout">How long the client waits; null for as long as it takes.</param>
    /// <param name="clock">Measures it.</param>
    /// <param name="aborted">Set when the client is gone.</param>
    public GrpcDeadline(TimeSpan? timeout, TimeProvider clock, CancellationToken aborted)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        if (timeout == TimeSpan.Zero)
            Expire();
        else if (timeout is { } time)
            _timer = clock.CreateTimer(_ => Expire(), null, time, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Set at the end of the call.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the time is over; not set where only the client is gone.</summary>
    public bool IsOver { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _source.Dispose();
    }

    private void Expire()
    {
        IsOver = true;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended in this moment.
        }
    }
}
