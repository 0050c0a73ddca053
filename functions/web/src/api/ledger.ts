import { getJson } from './client.ts';

/** The shapes of the ledger's API (docs/ledger.md explains the words), as far as this page reads them. Times are RFC 3339. */
export interface LedgerRow {
  service: string;
  sender: string;
  stage: string;
  reason: string;
  count: number;
}

export interface LedgerCounts {
  rows: LedgerRow[];
  queueLatency: { count: number; p50Seconds?: number; p95Seconds?: number; p99Seconds?: number };
}

export interface MinuteBalance {
  minute: string;
  settled: boolean;
  accepted: number;
  finalized: number;
  deduped: number;
  inFlight: number;
  remainder: number;
}

export interface SequenceRange {
  partition: string;
  from: number;
  to: number;
}

export interface ConservationAnswer {
  minutes: MinuteBalance[];
  holes: SequenceRange[];
  conserved: boolean;
  hubLag: { partition: string; events: number; seconds: number }[];
}

export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: string;
  activeAt?: string;
}

export interface ProbesAnswer {
  isEnabled: boolean;
  finished: number;
  complete: number;
  visibleSeconds: { p50: number | null; p95: number | null };
}

export interface RefusedRequest {
  id: string;
  receivedAt: string;
  reason: string;
  message: string;
  service: string;
  sender: string;
  path: string;
}

export interface QuarantinedEvent {
  id: string;
  partition: string;
  sequence: number;
  reason: string;
  spans: number;
}

export interface CostAnswer {
  prices: { date: string; currency: string };
  spans: number;
  cost: number;
  /** Absent where no spans came. */
  perMillionSpans?: number;
  services: { service: string; spans: number; cost: number; perMillionSpans?: number }[];
}

/** Counts of a time by service, sender, stage and reason. */
export async function getLedger(start: Date, signal: AbortSignal): Promise<LedgerCounts> {
  return await getJson(`/api/ledger?groupBy=service,sender,stage,reason&start=${start.toISOString()}`, signal);
}

/** For each minute whether what came in is what was stored and finalized. */
export async function getConservation(start: Date, signal: AbortSignal): Promise<ConservationAnswer> {
  return await getJson(`/api/ledger/conservation?start=${start.toISOString()}`, signal);
}

/** What the time cost at list prices. */
export async function getCost(start: Date, signal: AbortSignal): Promise<CostAnswer> {
  return await getJson(`/api/cost?from=${start.toISOString()}`, signal);
}

/** The alerts that are pending or firing. */
export async function getAlerts(signal: AbortSignal): Promise<Alert[]> {
  return (await getJson<{ data: { alerts: Alert[] } }>('/api/v1/alerts', signal)).data.alerts;
}

export async function getProbes(signal: AbortSignal): Promise<ProbesAnswer> {
  return await getJson('/api/probes', signal);
}

/** Samples of refused requests, the newest first. */
export async function getRefused(signal: AbortSignal): Promise<RefusedRequest[]> {
  return (await getJson<{ refused: RefusedRequest[] }>('/api/refused', signal)).refused;
}

/** Events that could not be decoded. */
export async function getQuarantine(signal: AbortSignal): Promise<QuarantinedEvent[]> {
  return (await getJson<{ events: QuarantinedEvent[] }>('/api/quarantine', signal)).events;
}
