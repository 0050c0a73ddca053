/** The shapes of the system's own query API (/openapi.json), as far as this page reads them. Times are nanoseconds since 1970 as decimal text. */
export interface FoundTraces {
  traces: FoundTrace[];
  window: { startUnixNano: string; endUnixNano: string };
  isComplete: boolean;
  advice: string | null;
  nextCursor: string | null;
}

export interface FoundTrace {
  traceId: string;
  /** Empty where the root did not come. */
  rootService: string;
  rootOperation: string;
  startUnixNano: string;
  durationNs: number;
  spans: number;
  errors: number;
  services: { name: string; spans: number; errors: number }[];
  verdicts: string[];
}

export interface Evidence {
  text: string;
  spanId?: string;
  service?: string;
  instance?: string;
  likelySender?: string;
  otherTraceId?: string;
}

export interface Verdict {
  kind: string;
  evidenceCount: number;
  evidence: Evidence[];
}

export interface CriticalStretch {
  spanId: string;
  isServerHalf: boolean;
  fromUnixNano: string;
  toUnixNano: string;
  durationNs: number;
}

/** A service that did not forward the headers: the call that it received, and the one with which a new trace began. */
export interface Break {
  service: string;
  text: string;
  received: Fragment;
  opened: Fragment;
}

export interface Fragment {
  call: { traceId: string; spanId: string; service: string; instance: string; operation: string; startUnixNano: string };
  trace: FoundTrace | null;
}
