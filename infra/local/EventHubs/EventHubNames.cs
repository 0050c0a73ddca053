using System.Text.RegularExpressions;

namespace Serverless.Local;

/// <summary>The service's rules for names.</summary>
internal static partial class EventHubNames
{
    private const int HubLength = 256;
    private const int ConsumerGroupLength = 50;

    /// <exception cref="ArgumentException">It is no name of a hub.</exception>
    internal static void CheckHub(string name)
    {
        if (name.Length > HubLength || !Name().IsMatch(name))
        {
            throw new ArgumentException(
                $"'{name}' is no name for an event hub: it takes 1 to {HubLength} letters, digits, '.', '-' and '_', and begins and ends with a letter or digit.",
                nameof(name));
        }
    }

    /// <exception cref="ArgumentException">It is no name of a consumer group.</exception>
    internal static void CheckConsumerGroup(string name)
    {
        if (name != "$Default" && (name.Length > ConsumerGroupLength || !Name().IsMatch(name)))
        {
            throw new ArgumentException(
                $"'{name}' is no name for a consumer group: it is $Default, or takes 1 to {ConsumerGroupLength} letters, digits, '.', '-' and '_', and begins and ends with a letter or digit.",
                nameof(name));
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z")]
    private static partial Regex Name();
}
