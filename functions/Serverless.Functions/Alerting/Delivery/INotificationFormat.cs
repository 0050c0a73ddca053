using Serverless.Functions.Alerting.Store;

namespace Serverless.Functions.Alerting.Delivery;

/// <summary>How a kind of receiver takes messages.</summary>
internal interface INotificationFormat
{
    /// <summary>The most events of one message.</summary>
    int MaxEvents { get; }

    /// <summary>Makes the call that brings a message.</summary>
    /// <param name="notification">The message.</param>
    /// <param name="receiver">Who it is for.</param>
    /// <param name="context">What is known besides.</param>
    HttpRequestMessage Write(Notification notification, Receiver receiver, FormatContext context);
}
