namespace Serverless.Functions.Probing;

/// <summary>How far a probe is. The numbers are stored.</summary>
public enum ProbeState : byte
{
    /// <summary>It is to be posted, or to be found yet.</summary>
    Pending = 0,

    /// <summary>All of it was found, as it was sent and in time.</summary>
    Complete = 1,

    /// <summary>It has a finding.</summary>
    Failed = 2,
}
