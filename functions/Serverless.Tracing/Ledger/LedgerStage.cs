namespace Serverless.Tracing.Ledger;

/// <summary>
/// What the ledger counts: the closed list, and the one place where each word is explained. The numbers are stored.
/// Unless it says otherwise, a stage counts spans.
/// </summary>
public enum LedgerStage : byte
{
    /// <summary>Spans of requests that were answered with success: they are in the hub, durably.</summary>
    Accepted = 1,

    /// <summary>Spans that were not accepted, as far as their number is known, by <see cref="LedgerReason"/>.</summary>
    Refused = 2,

    /// <summary>Requests that were refused whole, by reason.</summary>
    RefusedRequests = 3,

    /// <summary>Bytes of the bodies of such requests, as far as they came or were announced, by reason.</summary>
    RefusedBytes = 4,

    /// <summary>Accepted spans of which something over a limit was cut, by what it was.</summary>
    Truncated = 5,

    /// <summary>Accepted spans that begin before 1971 or more than a day after they came.</summary>
    ClockSuspect = 6,

    /// <summary>Spans that came in an event which the hub has twice, because its answer to the first sending was lost.</summary>
    Resent = 7,

    /// <summary>Spans found in the events and written to the tables, each event counted once.</summary>
    Stored = 8,

    /// <summary>Spans that were written to the tables again, because the hub delivered their event again, in another batch.</summary>
    Replayed = 9,

    /// <summary>Spans of events that cannot be decoded and were set aside whole.</summary>
    Quarantined = 10,

    /// <summary>Accepted spans that are nowhere any more, by reason. There should be none.</summary>
    Discarded = 11,

    /// <summary>Reports of spans that were seen to be there already, when their trace was finalized.</summary>
    Deduped = 12,

    /// <summary>Reports of spans whose trace was judged and summed up.</summary>
    Finalized = 13,

    /// <summary>Spans sent to the analytics hub.</summary>
    Exported = 14,

    /// <summary>Spans whose day was dropped by retention.</summary>
    Expired = 15,

    /// <summary>Spans that a sender says it lost before they were sent, by reason.</summary>
    ClientDropped = 16,

    /// <summary>Batches of numbered ones that a sender sent and that did not arrive; one that comes late is taken off.</summary>
    ClientBatchesLost = 17,

    /// <summary>Samples of refused bodies that were not kept, because there were too many, by the refusal's reason.</summary>
    SamplesDropped = 18,

    /// <summary>Requests with spans that were accepted.</summary>
    Requests = 19,

    /// <summary>Batches that their senders number and that arrived.</summary>
    ClientBatches = 20,

    /// <summary>What senders told of themselves and nobody followed, because there was too much of it: losses told in it are told again with the next.</summary>
    ClientReportsDropped = 21,

    /// <summary>Attributes, events and links that senders say they left out of spans that were accepted, by reason. Not spans.</summary>
    ClientTruncated = 22,

    /// <summary>Bytes of the frames of accepted spans, not compressed; frames that services share are split by spans.</summary>
    FrameBytes = 23,
}
