namespace Serverless.Functions.Alerting.Delivery;

/// <summary>What a message needs besides what it tells.</summary>
/// <param name="ExternalUrl">This app's address as people open it; empty where there is none.</param>
/// <param name="Now">The time of sending.</param>
/// <param name="RepeatInterval">When receivers are told again of what still fires.</param>
internal sealed record FormatContext(string ExternalUrl, DateTimeOffset Now, TimeSpan RepeatInterval)
{
    /// <summary>Where an alert can be seen; empty where this app's address is not known.</summary>
    public string Link => ExternalUrl.Length == 0 ? "" : $"{ExternalUrl.TrimEnd('/')}/api/v1/alerts";
}
