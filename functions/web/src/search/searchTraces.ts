import { findTraces, getServices } from '../api/client.ts';
import { canonicalDuration } from '../model/durations.ts';
import { microsecondsOf } from '../model/nanoseconds.ts';
import { rangeOf, type SearchQuery } from '../model/searchQuery.ts';
import { summarize, type TraceSummary } from '../model/summary.ts';
import { parseTagTerms } from '../model/tagTerms.ts';

/** What a search found, and what it may have missed. */
export interface SearchOutcome {
  /** Newest first. */
  traces: readonly TraceSummary[];
  services: string[];
  /** Microseconds since 1970. */
  range: { start: number; end: number };
  /** Where older matches begin, or null when there are none. */
  next: string | null;
  /** Why the result may be incomplete, in words. */
  gaps: string[];
}

/** The newest traces that match. */
export async function searchTraces(query: SearchQuery, nowMilliseconds: number, signal: AbortSignal): Promise<SearchOutcome> {
  const [services, found] = await Promise.all([getServices(signal), findTraces(parametersOf(query, nowMilliseconds), signal)]);
  return {
    traces: found.traces.map(summarize), services, next: found.nextCursor, gaps: gapsOf(found.isComplete, found.advice),
    range: { start: microsecondsOf(found.window.startUnixNano), end: microsecondsOf(found.window.endUnixNano) },
  };
}

/** The same outcome with the page of older traces behind it. */
export async function searchOlder(query: SearchQuery, outcome: SearchOutcome, nowMilliseconds: number, signal: AbortSignal): Promise<SearchOutcome> {
  const parameters = parametersOf(query, nowMilliseconds);
  // The cursor holds the window of the first page.
  parameters.delete('start');
  parameters.delete('end');
  parameters.set('cursor', outcome.next!);
  const found = await findTraces(parameters, signal);
  const seen = new Set(outcome.traces.map((trace) => trace.id));
  const more = found.traces.filter((trace) => !seen.has(trace.traceId)).map(summarize);
  return { ...outcome, traces: [...outcome.traces, ...more], next: found.nextCursor, gaps: gapsOf(found.isComplete, found.advice) };
}

function gapsOf(isComplete: boolean, advice: string | null): string[] {
  return isComplete ? [] : [advice ?? 'There may be more traces, and newer ones.'];
}

function parametersOf(query: SearchQuery, nowMilliseconds: number): URLSearchParams {
  const range = rangeOf(query, nowMilliseconds);
  const parameters = new URLSearchParams({ start: `${range.start}000`, end: `${range.end}000`, limit: String(query.limit) });
  for (const name of ['service', 'operation', 'verdict'] as const) if (query[name] !== '') parameters.set(name, query[name]);
  for (const name of ['minDuration', 'maxDuration'] as const) if (query[name] !== '') parameters.set(name, canonicalDuration(query[name]));
  for (const term of parseTagTerms(query.tags)) parameters.append('tag', term);
  return parameters;
}
