import { getServices, getTraces } from '../api/client.ts';
import { ApiFailure } from '../api/failure.ts';
import type { JaegerTrace } from '../api/jaeger.ts';
import { canonicalDuration } from '../model/durations.ts';
import { parseLogfmt } from '../model/logfmt.ts';
import { rangeOf, type SearchQuery } from '../model/searchQuery.ts';
import { summarize, type TraceSummary } from '../model/summary.ts';

/** What a search found, and what it may have missed. */
export interface SearchOutcome {
  /** Newest first. */
  traces: TraceSummary[];
  services: string[];
  range: { start: number; end: number };
  /** Whether there may be older matches than those that the limit allowed. */
  isLimited: boolean;
  /** Why the result may be incomplete, in words. */
  gaps: string[];
}

const mostServices = 50; // asked one by one, for Jaeger's API searches one service at a time
const atOnce = 4;

/** Searches one service, or each of them where the query names none. */
export async function searchTraces(
  query: SearchQuery, nowMilliseconds: number, signal: AbortSignal, onProgress: (done: number, of: number) => void,
): Promise<SearchOutcome> {
  const range = rangeOf(query, nowMilliseconds);
  const services = await getServices(signal);
  const asked = query.service !== '' ? [query.service] : services.slice(0, mostServices);
  const gaps: string[] = [];
  if (query.service === '' && services.length > mostServices)
    gaps.push(`Only the first ${mostServices} of ${services.length} services were searched: choose one.`);

  const found = new Map<string, JaegerTrace>();
  const failures: ApiFailure[] = [];
  let isLimited = false;
  let done = 0;
  const queue = [...asked];
  const work = async () => {
    for (let service = queue.shift(); service !== undefined; service = queue.shift()) {
      try {
        const { traces, errors } = await getTraces(parametersOf(query, service, range), signal);
        isLimited ||= traces.length >= query.limit;
        for (const trace of traces) found.set(trace.traceID, trace);
        for (const error of errors) gaps.push(`${service}: ${error.msg ?? `error ${error.code}`}`);
      } catch (e) {
        if (!(e instanceof ApiFailure) || asked.length === 1 || e.fault === 'query' || e.fault === 'key') throw e;
        failures.push(e);
        gaps.push(`${service} could not be searched: ${e.message}`);
      }
      onProgress(++done, asked.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (failures.length > 0 && failures.length === asked.length) throw failures[0]!;

  const traces = [...found.values()].map(summarize).sort((a, b) => b.start - a.start);
  return { traces: traces.slice(0, query.limit), services, range, isLimited: isLimited || traces.length > query.limit, gaps };
}

function parametersOf(query: SearchQuery, service: string, range: { start: number; end: number }): URLSearchParams {
  const parameters = new URLSearchParams({
    service, start: String(range.start), end: String(range.end), limit: String(query.limit),
  });
  if (query.operation !== '') parameters.set('operation', query.operation);
  if (query.tags !== '') parameters.set('tags', JSON.stringify(parseLogfmt(query.tags)));
  if (query.minDuration !== '') parameters.set('minDuration', canonicalDuration(query.minDuration));
  if (query.maxDuration !== '') parameters.set('maxDuration', canonicalDuration(query.maxDuration));
  return parameters;
}
