import type { FoundTrace } from '../api/query.ts';
import { microsecondsOf } from './nanoseconds.ts';
import type { ServiceCount } from './trace.ts';

/** What a row of the search results says about a trace. Times are in microseconds. */
export interface TraceSummary {
  id: string;
  rootService: string;
  rootOperation: string;
  /** What is to be said of the trace, other than that it is complete. */
  verdicts: readonly string[];
  start: number;
  duration: number;
  spans: number;
  errors: number;
  services: readonly ServiceCount[];
}

export function summarize(trace: FoundTrace): TraceSummary {
  return {
    id: trace.traceId,
    rootService: trace.rootService || trace.services[0]?.name || 'no service',
    rootOperation: trace.rootOperation,
    verdicts: trace.verdicts.filter((kind) => kind !== 'complete'),
    start: microsecondsOf(trace.startUnixNano),
    duration: trace.durationNs / 1e3,
    spans: trace.spans,
    errors: trace.errors,
    services: trace.services,
  };
}
