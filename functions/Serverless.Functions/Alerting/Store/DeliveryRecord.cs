namespace Serverless.Functions.Alerting.Store;

/// <summary>What became of a message.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Receiver">Who it was for.</param>
/// <param name="Alerts">How many alerts it told of.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Outcome"><see cref="Sent"/> or <see cref="Failed"/>.</param>
/// <param name="Error">Why it failed; null where it was sent.</param>
public sealed record DeliveryRecord(string Id, string Receiver, int Alerts, int Attempts, string Outcome, string? Error)
{
    /// <summary>The receiver took it.</summary>
    public const string Sent = "sent";

    /// <summary>The receiver did not take it until its deadline.</summary>
    public const string Failed = "failed";
}
