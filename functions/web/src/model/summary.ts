import type { JaegerTrace } from '../api/jaeger.ts';
import { buildTrace, type ServiceCount } from './trace.ts';

/** What a row of the search results says about a trace. Times are in microseconds. */
export interface TraceSummary {
  id: string;
  rootService: string;
  rootOperation: string;
  /** Whether the span that the trace begins with has a parent that is not there. */
  isRootMissing: boolean;
  start: number;
  duration: number;
  spans: number;
  errors: number;
  services: readonly ServiceCount[];
}

export function summarize(trace: JaegerTrace): TraceSummary {
  const tree = buildTrace(trace);
  return {
    id: tree.id,
    rootService: tree.root?.service ?? 'no spans',
    rootOperation: tree.root?.span.operationName ?? '',
    isRootMissing: tree.root?.isOrphan ?? true,
    start: tree.start,
    duration: tree.duration,
    spans: tree.spans.length,
    errors: tree.errors,
    services: tree.services,
  };
}
