namespace Microsoft.Azure.Functions.Worker;

/// <summary>The state of a timer's schedule; all times in UTC.</summary>
public class ScheduleStatus
{
    /// <summary>When the function last ran; the default value where it has not yet.</summary>
    public DateTime Last { get; set; }

    /// <summary>When it was to run next.</summary>
    public DateTime Next { get; set; }

    /// <summary>When this state was written.</summary>
    public DateTime LastUpdated { get; set; }
}
