// Without null annotations, as the package has none: code that uses it compiles alike in both hostings.
#nullable disable annotations

namespace Azure.Messaging.EventHubs;

/// <summary>An event hub did not do what was asked; <see cref="Reason"/> says why, <see cref="IsTransient"/> whether to try again.</summary>
public class EventHubsException : Exception
{
    private const string TroubleshootingLink =
        "For troubleshooting information, see https://aka.ms/azsdk/net/eventhubs/exceptions/troubleshoot.";

    /// <summary>A general failure.</summary>
    public EventHubsException(bool isTransient, string eventHubName)
        : this(isTransient, eventHubName, null, FailureReason.GeneralError, null)
    {
    }

    /// <summary>A failure for a reason.</summary>
    public EventHubsException(bool isTransient, string eventHubName, FailureReason reason)
        : this(isTransient, eventHubName, null, reason, null)
    {
    }

    /// <summary>A general failure with a message.</summary>
    public EventHubsException(bool isTransient, string eventHubName, string message)
        : this(isTransient, eventHubName, message, FailureReason.GeneralError, null)
    {
    }

    /// <summary>A failure for a reason, with a message.</summary>
    public EventHubsException(bool isTransient, string eventHubName, string message, FailureReason reason)
        : this(isTransient, eventHubName, message, reason, null)
    {
    }

    /// <summary>A general failure with a message and its cause.</summary>
    public EventHubsException(bool isTransient, string eventHubName, string message, Exception innerException)
        : this(isTransient, eventHubName, message, FailureReason.GeneralError, innerException)
    {
    }

    /// <summary>A failure for a reason, which also says whether it is transient.</summary>
    public EventHubsException(string eventHubName, string message, FailureReason reason)
        : this(
            reason is FailureReason.ServiceCommunicationProblem or FailureReason.ServiceTimeout or FailureReason.ServiceBusy,
            eventHubName, message, reason, null)
    {
    }

    /// <summary>A failure for a reason, with a message and its cause.</summary>
    public EventHubsException(
        bool isTransient, string eventHubName, string message, FailureReason reason, Exception innerException)
        : base(message, innerException)
    {
        IsTransient = isTransient;
        EventHubName = eventHubName;
        Reason = reason;
    }

    /// <summary>Why an operation failed.</summary>
    public enum FailureReason
    {
        /// <summary>Something else.</summary>
        GeneralError = 0,

        /// <summary>The client has been closed.</summary>
        ClientClosed = 1,

        /// <summary>Another consumer has taken the partition over.</summary>
        ConsumerDisconnected = 2,

        /// <summary>There is no such hub, consumer group or partition.</summary>
        ResourceNotFound = 3,

        /// <summary>The event or batch is larger than the service takes.</summary>
        MessageSizeExceeded = 4,

        /// <summary>A quota of the hub or namespace is used up.</summary>
        QuotaExceeded = 5,

        /// <summary>The service is busy: wait, then try again.</summary>
        ServiceBusy = 6,

        /// <summary>No answer came in time; the operation may or may not have been carried out.</summary>
        ServiceTimeout = 7,

        /// <summary>The service could not be reached.</summary>
        ServiceCommunicationProblem = 8,

        /// <summary>Another producer has taken the partition over.</summary>
        ProducerDisconnected = 9,

        /// <summary>The client's state does not fit the service's.</summary>
        InvalidClientState = 10,
    }

    /// <summary>Whether trying again can help.</summary>
    public bool IsTransient { get; }

    /// <summary>The hub that was asked, or null.</summary>
    public string EventHubName { get; }

    /// <summary>Why the operation failed.</summary>
    public FailureReason Reason { get; }

    /// <summary>The text, the hub's name, the reason and a link; not meant to be matched against.</summary>
    public override string Message => string.IsNullOrEmpty(EventHubName)
        ? $"{base.Message}. Reason: {Reason}. {TroubleshootingLink}"
        : $"{base.Message} ({EventHubName}). Reason: {Reason}. {TroubleshootingLink}";

    /// <summary>The type with its reason, the message, the cause and the stack.</summary>
    public override string ToString() =>
        $"{typeof(EventHubsException).FullName}({Reason}): {Message}"
        + (InnerException is null ? "" : $"{Environment.NewLine} ---> {InnerException}")
        + (StackTrace is null ? "" : Environment.NewLine + StackTrace);
}
