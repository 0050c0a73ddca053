import type { LedgerRow } from '../api/ledger.ts';
import { bySender, losses, lossStages } from '../model/ledgerSums.ts';
import { h } from '../ui/element.ts';
import { table } from './table.ts';

const mostRows = 50;
const senderStages = ['accepted', 'refused', 'finalized', 'deduped', 'exported'] as const;

/** What was lost, cut or set aside: where, why, and whose it was. */
export function lossesSection(rows: readonly LedgerRow[]): HTMLElement {
  const lost = losses(rows);
  return h('section', { 'aria-label': 'Losses' }, h('h2', {}, 'Losses'), lost.length === 0
    ? h('p', { class: 'dim' }, 'Nothing was refused, dropped, cut or set aside.')
    : table(['What', 'Why', 'Service', 'Sender', '#Count'], lost.slice(0, mostRows).map((row) => [
      lossStages[row.stage]!, row.reason, row.service, row.sender, row.count.toLocaleString('en')]), lost.length - mostRows));
}

/** What came, by service and sender. */
export function sendersSection(rows: readonly LedgerRow[]): HTMLElement {
  const senders = bySender(rows);
  return h('section', { 'aria-label': 'Senders' }, h('h2', {}, 'Senders'), senders.length === 0
    ? h('p', { class: 'dim' }, 'Nobody sent spans in this time.')
    : table(['Service', 'Sender', ...senderStages.map((stage) => `#${stage}`)], senders.slice(0, mostRows).map((sum) => [
      sum.service, sum.sender, ...senderStages.map((stage) => (sum.counts[stage] ?? 0).toLocaleString('en'))]), senders.length - mostRows));
}
