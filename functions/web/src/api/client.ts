import { ApiFailure, failureOf } from './failure.ts';
import type { ApiError, Envelope, JaegerTrace } from './jaeger.ts';
import type { Break, CriticalStretch, FoundTraces, Verdict } from './query.ts';

const keyName = 'function-key';

/** Called with the bytes received so far, and of how many where the server said so. */
export type OnProgress = (received: number, total: number | null) => void;

/** The key that a system which asks for keys is called with; kept for this tab only. */
export const functionKey = {
  get: (): string => sessionStorage.getItem(keyName) ?? '',
  set: (key: string): void => (key === '' ? sessionStorage.removeItem(keyName) : sessionStorage.setItem(keyName, key)),
};

/** The names of all services, sorted. */
export async function getServices(signal: AbortSignal): Promise<string[]> {
  const { data } = await getEnvelope<string[]>('/api/services', signal);
  return (data ?? []).sort((a, b) => a.localeCompare(b));
}

/** The names of a service's operations, sorted. */
export async function getOperations(service: string, signal: AbortSignal): Promise<string[]> {
  const { data } = await getEnvelope<string[]>(`/api/services/${encodeURIComponent(service)}/operations`, signal);
  return [...new Set(data ?? [])].sort((a, b) => a.localeCompare(b));
}

/** A page of the traces that match, newest first. */
export async function findTraces(parameters: URLSearchParams, signal: AbortSignal): Promise<FoundTraces> {
  return await getJson<FoundTraces>(`/query/v1/traces?${parameters}`, signal);
}

/** One trace, whole. */
export async function getTrace(
  id: string, signal: AbortSignal, onProgress: OnProgress,
): Promise<{ trace: JaegerTrace; errors: ApiError[] }> {
  const url = `/api/traces/${encodeURIComponent(id)}`;
  const { data, errors } = await getEnvelope<JaegerTrace[]>(url, signal, onProgress);
  const trace = data?.[0];
  if (!trace) throw new ApiFailure('missing', 'trace not found', url, 404);
  return { trace, errors: errors ?? [] };
}

/** What is said of a trace, with the evidence. */
export async function getVerdicts(id: string, signal: AbortSignal): Promise<Verdict[]> {
  return (await getJson<{ verdicts: Verdict[] }>(`${traceUrl(id)}/verdicts`, signal)).verdicts;
}

/** The stretches that decided how long a trace took. */
export async function getCriticalPath(id: string, signal: AbortSignal): Promise<CriticalStretch[]> {
  return (await getJson<{ criticalPath: CriticalStretch[] }>(`${traceUrl(id)}/critical-path`, signal)).criticalPath;
}

/** The traces that belong with this one, though a service did not forward the headers. */
export async function getBreaks(id: string, signal: AbortSignal): Promise<Break[]> {
  return (await getJson<{ breaks: Break[] }>(`${traceUrl(id)}/fragments`, signal)).breaks;
}

/** Anything the system serves, as text: for what a link cannot fetch because it cannot send a key. */
export async function getText(url: string, signal: AbortSignal, onProgress?: OnProgress): Promise<string> {
  const key = functionKey.get();
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { signal, headers: key === '' ? {} : { 'x-functions-key': key } });
    text = await readText(response, onProgress);
  } catch (e) {
    if (signal.aborted) throw e;
    throw new ApiFailure('unreachable', e instanceof Error ? e.message : String(e), url);
  }
  if (!response.ok) throw failureOf(response.status, response.statusText, text, url);
  return text;
}

async function getEnvelope<T>(url: string, signal: AbortSignal, onProgress?: OnProgress): Promise<Envelope<T>> {
  return await getJson<Envelope<T>>(url, signal, onProgress);
}

/** The answer of a function that answers in JSON. */
export async function getJson<T>(url: string, signal: AbortSignal, onProgress?: OnProgress): Promise<T> {
  const text = await getText(url, signal, onProgress);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiFailure('system', `The answer is not JSON but begins with "${text.trim().slice(0, 60)}".`, url, 200);
  }
}

function traceUrl(id: string): string {
  return `/query/v1/traces/${encodeURIComponent(id)}`;
}

async function readText(response: Response, onProgress?: OnProgress): Promise<string> {
  if (!onProgress || !response.body) return await response.text();
  // A compressed answer's length is not that of the bytes that arrive here.
  const length = response.headers.has('content-encoding') ? null : response.headers.get('content-length');
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let received = 0;
  const reader = response.body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    received += piece.value.byteLength;
    pieces.push(decoder.decode(piece.value, { stream: true }));
    onProgress(received, length === null ? null : Number(length));
  }
  pieces.push(decoder.decode());
  return pieces.join('');
}
