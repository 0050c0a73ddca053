import type { LedgerRow } from '../api/ledger.ts';

/** The stages at which something was lost, cut or set aside, and what they are called. docs/ledger.md has all stages. */
export const lossStages: Readonly<Record<string, string>> = {
  refused: 'refused', refused_requests: 'requests refused', client_dropped: 'dropped by the sender', client_batches_lost: 'batches lost by the sender',
  discarded: 'discarded', quarantined: 'quarantined', truncated: 'cut', client_truncated: 'cut by the sender', expired: 'expired',
};

/** What came from one service and sender. */
export interface SenderSum {
  service: string;
  sender: string;
  /** By stage. */
  counts: Record<string, number>;
}

/** The rows that tell of losses, the largest first. */
export function losses(rows: readonly LedgerRow[]): LedgerRow[] {
  return rows.filter((row) => Object.hasOwn(lossStages, row.stage)).toSorted((a, b) => b.count - a.count);
}

/** Counts by service and sender, those that sent most first. */
export function bySender(rows: readonly LedgerRow[]): SenderSum[] {
  const sums = new Map<string, SenderSum>();
  for (const { service, sender, stage, count } of rows) {
    const key = `${service}\n${sender}`;
    const sum = sums.get(key) ?? { service, sender, counts: {} };
    sum.counts[stage] = (sum.counts[stage] ?? 0) + count;
    sums.set(key, sum);
  }
  const weight = (sum: SenderSum) => (sum.counts.accepted ?? 0) + (sum.counts.refused ?? 0);
  return [...sums.values()].filter((sum) => weight(sum) > 0).sort((a, b) => weight(b) - weight(a));
}

export function total(rows: readonly LedgerRow[], stage: string): number {
  return rows.reduce((sum, row) => sum + (row.stage === stage ? row.count : 0), 0);
}
