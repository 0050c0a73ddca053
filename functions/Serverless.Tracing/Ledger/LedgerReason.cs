namespace Serverless.Tracing.Ledger;

/// <summary>
/// Why spans were refused, discarded, cut or lost by their senders: the closed list, and the one place where each word is explained. The
/// numbers are stored.
/// </summary>
public enum LedgerReason : byte
{
    /// <summary>A stage that has no reasons.</summary>
    None = 0,

    /// <summary>Refused: the body is not what its protocol says.</summary>
    Malformed = 1,

    /// <summary>Refused: the body is of a type that the endpoint does not take.</summary>
    UnsupportedType = 2,

    /// <summary>Refused: the body is compressed in a way that is not known, or does not decompress.</summary>
    Encoding = 3,

    /// <summary>Refused: the body, or a span, is too large.</summary>
    TooLarge = 4,

    /// <summary>Refused: the body did not arrive in time, or broke off.</summary>
    Incomplete = 5,

    /// <summary>Refused: the system has no room for more; the sender may send again.</summary>
    Overloaded = 6,

    /// <summary>Refused: the hub did not take the spans; the sender may send again.</summary>
    Unavailable = 7,

    /// <summary>Refused: a single span was invalid in a request that was accepted otherwise.</summary>
    InvalidSpan = 8,

    /// <summary>Discarded: the event does not have as many spans as its envelope says.</summary>
    CountMismatch = 20,

    /// <summary>Lost by the sender: its queue was full.</summary>
    QueueFull = 40,

    /// <summary>Lost by the sender: a span was too large for what it sends.</summary>
    SpanTooLarge = 41,

    /// <summary>Lost by the sender, an SDK's or collector's exporter: sending failed for good.</summary>
    SendFailed = 42,

    /// <summary>Lost by a collector: it could not put the spans into its sending queue.</summary>
    EnqueueFailed = 43,

    /// <summary>Lost before a collector: it refused the spans, which their sender may have sent again.</summary>
    ReceiverRefused = 44,

    /// <summary>Lost in a processor of an SDK or a collector, which reports no closer cause.</summary>
    Processor = 45,

    /// <summary>Lost by an SDK's processor, which was shut down already.</summary>
    AlreadyShutdown = 46,

    /// <summary>Cut: attributes over their number. Also of those that senders say they left out.</summary>
    Attributes = 60,

    /// <summary>Cut: events (Zipkin's annotations, Jaeger's logs) over their number. Also of those that senders say they left out.</summary>
    Events = 61,

    /// <summary>Cut: links over their number. Also of those that senders say they left out.</summary>
    Links = 62,

    /// <summary>Cut: a name or a key that was too long.</summary>
    Name = 63,

    /// <summary>Cut: a value that was too long, or beyond what can be told (a time).</summary>
    Value = 64,

    /// <summary>Cut: several of these.</summary>
    Several = 65,
}
