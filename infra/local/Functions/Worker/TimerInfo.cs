namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a timer function is told about its run.</summary>
public class TimerInfo
{
    /// <summary>The schedule's state before this run; null where the schedule is not monitored.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether this run makes up for one that was missed.</summary>
    public bool IsPastDue { get; set; }
}
