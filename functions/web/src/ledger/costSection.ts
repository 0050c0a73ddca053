import type { CostAnswer } from '../api/ledger.ts';
import { h } from '../ui/element.ts';
import { table } from './table.ts';

const mostRows = 20;

/** What the time cost at list prices, by service. */
export function costSection({ prices, spans, cost, perMillionSpans, services }: CostAnswer): HTMLElement {
  const money = (amount: number) => `${amount.toLocaleString('en', { maximumSignificantDigits: 3 })} ${prices.currency}`;
  return h('section', { 'aria-label': 'Cost' }, h('h2', {}, 'Cost'),
    h('p', {}, `${money(cost)} at the list prices of ${prices.date}`, perMillionSpans === undefined ? '.' : `: ${money(perMillionSpans)} for a million spans, of what the time's ${spans.toLocaleString('en')} cost.`),
    services.length > 0 && table(['Service', '#Spans', '#Cost', '#For a million'], services.slice(0, mostRows).map((service) => [
      service.service, service.spans.toLocaleString('en'), money(service.cost), service.perMillionSpans === undefined ? '' : money(service.perMillionSpans)]), services.length - mostRows));
}
