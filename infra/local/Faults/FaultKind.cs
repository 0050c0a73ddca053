namespace Serverless.Local;

/// <summary>What goes wrong when a fault strikes an operation of the local platform.</summary>
public enum FaultKind
{
    /// <summary>The operation is not carried out; the caller sees the service's transient error.</summary>
    Fail,

    /// <summary>The operation is not carried out; the caller is told that the service is busy (ServiceBusy, 503 ServerBusy).</summary>
    Throttle,

    /// <summary>The operation is carried out after <see cref="Fault.Delay"/>.</summary>
    Delay,

    /// <summary>The operation is carried out durably, but the caller sees a time-out: the answer was lost.</summary>
    LoseAnswer,

    /// <summary>Event hub triggers only: the batch is delivered, and delivered again as if its checkpoint had been lost.</summary>
    Redeliver,
}
