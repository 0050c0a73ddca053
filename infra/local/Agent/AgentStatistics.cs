namespace Serverless.Local;

/// <summary>
/// What became of the datagrams that Jaeger clients sent to the agent ports. UDP tells the sender nothing: only here it shows that
/// something was lost. All counts are since the start.
/// </summary>
public sealed class AgentStatistics
{
    private readonly KernelDrops _kernel = new();
    private long _received;
    private long _accepted;
    private long _refused;
    private long _dropped;

    /// <summary>Datagrams read from the sockets: in the end accepted, refused or dropped.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Datagrams that the app took; some of their spans may have been invalid, which the app counts.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Datagrams that the app refused, because they are malformed or because it could not take more for too long.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Datagrams for which there was no room while others waited for the app, or no time when the host stopped.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Datagrams that found the socket's buffer full, as the kernel counts them (Linux; 0 elsewhere).</summary>
    public long LostInKernel => _kernel.Read();

    internal KernelDrops Kernel => _kernel;

    internal void AddReceived() => Interlocked.Increment(ref _received);

    internal void AddAccepted() => Interlocked.Increment(ref _accepted);

    internal void AddRefused() => Interlocked.Increment(ref _refused);

    internal void AddDropped() => Interlocked.Increment(ref _dropped);
}
