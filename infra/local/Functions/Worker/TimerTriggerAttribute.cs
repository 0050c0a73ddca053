namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs a function on a schedule.</summary>
/// <param name="schedule">
/// Six fields, <c>{second} {minute} {hour} {day} {month} {day of week}</c>, in UTC, or <c>%Setting%</c> for a setting that holds them.
/// </param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : Attribute
{
    /// <summary>The schedule.</summary>
    public string Schedule { get; } = schedule;

    /// <summary>Whether a run that was missed while the app was down is made up for. Not for intervals under a minute.</summary>
    public bool UseMonitor { get; set; } = true;

    /// <summary>Whether the function also runs when the app starts.</summary>
    public bool RunOnStartup { get; set; }
}
