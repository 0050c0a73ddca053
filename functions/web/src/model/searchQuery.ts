import { formatTagTerms } from './tagTerms.ts';
import { verdictTexts } from './verdicts.ts';

/** The time ranges that end now, in seconds. */
export const lookbacks: Readonly<Record<string, number>> = {
  '15m': 900, '1h': 3600, '6h': 21600, '24h': 86400, '7d': 604800,
};

export const defaultLookback = '1h';
export const defaultLimit = 20;
export const mostTraces = 1500;

/** What a search asks, as the form and the page's address hold it. */
export interface SearchQuery {
  /** Empty for every service. */
  service: string;
  operation: string;
  /** As `parseTagTerms` reads them. */
  tags: string;
  minDuration: string;
  maxDuration: string;
  /** What is said of the traces, or empty. */
  verdict: string;
  /** A key of `lookbacks`, or empty when start and end are given. */
  lookback: string;
  /** Microseconds since 1970, or null. */
  start: number | null;
  end: number | null;
  limit: number;
}

/** Reads a query from an address; what is missing or makes no sense gets its default. Understands Jaeger's addresses too. */
export function readSearch(parameters: URLSearchParams): SearchQuery {
  const text = (name: string) => parameters.get(name)?.trim() ?? '';
  const start = wholeNumber(text('start'));
  const end = wholeNumber(text('end'));
  const named = Object.hasOwn(lookbacks, text('lookback')) ? text('lookback') : '';
  const limit = wholeNumber(text('limit')) ?? defaultLimit;
  return {
    service: text('service'),
    operation: text('operation'),
    tags: readTags(text('tags')),
    minDuration: text('minDuration'),
    maxDuration: text('maxDuration'),
    verdict: Object.hasOwn(verdictTexts, text('verdict')) ? text('verdict') : '',
    lookback: named !== '' ? named : start !== null && end !== null ? '' : defaultLookback,
    start: named !== '' ? null : start,
    end: named !== '' ? null : end,
    limit: Math.min(Math.max(limit, 1), mostTraces),
  };
}

/** Writes a query for an address: what has its default is left out. */
export function writeSearch(query: SearchQuery): string {
  const parameters = new URLSearchParams();
  for (const name of ['service', 'operation', 'tags', 'minDuration', 'maxDuration', 'verdict'] as const)
    if (query[name] !== '') parameters.set(name, query[name]);
  if (query.lookback === '' && query.start !== null && query.end !== null) {
    parameters.set('start', String(query.start));
    parameters.set('end', String(query.end));
  } else if (query.lookback !== defaultLookback) parameters.set('lookback', query.lookback);
  if (query.limit !== defaultLimit) parameters.set('limit', String(query.limit));
  return parameters.toString();
}

/** The range in microseconds that a query covers at a moment. */
export function rangeOf(query: SearchQuery, nowMilliseconds: number): { start: number; end: number } {
  if (query.lookback === '' && query.start !== null && query.end !== null) return { start: query.start, end: query.end };
  const end = nowMilliseconds * 1000;
  return { start: end - (lookbacks[query.lookback] ?? lookbacks[defaultLookback]!) * 1e6, end };
}

function readTags(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    const tags = JSON.parse(text) as Record<string, unknown>;
    return formatTagTerms(Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)])));
  } catch {
    return text;
  }
}

function wholeNumber(text: string): number | null {
  return /^\d{1,16}$/.test(text) ? Number(text) : null;
}
