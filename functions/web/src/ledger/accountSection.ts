import type { ConservationAnswer, LedgerCounts, MinuteBalance } from '../api/ledger.ts';
import { formatDuration } from '../model/durations.ts';
import { total } from '../model/ledgerSums.ts';
import { h, svg, type Child } from '../ui/element.ts';
import { fact } from '../ui/fact.ts';
import { icon } from '../ui/icons.ts';
import { plural } from '../ui/serviceChip.ts';

const stripHeight = 64; // px

/** Whether every span is accounted for, in one sentence; and minute by minute. */
export function accountSection(answer: ConservationAnswer, counts: LedgerCounts | null, windowText: string): HTMLElement {
  const sum = (pick: (minute: MinuteBalance) => number) => answer.minutes.reduce((all, minute) => all + pick(minute), 0);
  const accepted = sum((minute) => minute.accepted);
  const missing = sum((minute) => Math.abs(minute.remainder));
  const isRight = answer.conserved && missing === 0;
  const lag = answer.hubLag.reduce((all, partition) => all + partition.events, 0);
  const latency = counts?.queueLatency;
  return h('section', { 'aria-label': 'Account' },
    h('div', { class: isRight ? 'account right' : 'account wrong', role: isRight ? 'status' : 'alert' },
      icon(isRight ? 'check' : 'error'),
      h('div', {},
        h('p', { class: 'sentence' }, sentence(accepted, missing, answer)),
        h('p', { class: 'dim' }, `${windowText}: ${plural(sum((minute) => minute.finalized), 'span')} finalized, ${sum((minute) => minute.deduped).toLocaleString('en')} deduplicated, ${sum((minute) => minute.inFlight).toLocaleString('en')} in flight.`),
        answer.holes.length > 0 && h('ul', { class: 'plain-list' }, answer.holes.slice(0, 20).map((hole) =>
          h('li', {}, `No receipt covers partition ${hole.partition}, events ${hole.from} to ${hole.to}.`))))),
    h('dl', { class: 'facts' },
      counts && fact('Refused', total(counts.rows, 'refused').toLocaleString('en')),
      counts && fact('Dropped by senders', total(counts.rows, 'client_dropped').toLocaleString('en')),
      latency && latency.count > 0 && fact('Accepted to stored', `p50 ${seconds(latency.p50Seconds)}, p95 ${seconds(latency.p95Seconds)}, p99 ${seconds(latency.p99Seconds)}`),
      fact('Waiting in the hub', plural(lag, 'event'))),
    minuteStrip(answer.minutes));
}

function sentence(accepted: number, missing: number, answer: ConservationAnswer): string {
  if (missing > 0) return `${plural(missing, 'span')} of ${accepted.toLocaleString('en')} accepted ${missing === 1 ? 'is' : 'are'} not accounted for.`;
  if (answer.holes.length > 0) return `${plural(answer.holes.length, 'stretch')} of the hub's events ${answer.holes.length === 1 ? 'is' : 'are'} covered by no receipt.`;
  if (accepted === 0) return 'Nothing was accepted in this time.';
  return `All ${accepted.toLocaleString('en')} spans that were accepted are accounted for.`;
}

function minuteStrip(minutes: readonly MinuteBalance[]): Child {
  if (minutes.length < 2) return null;
  const most = minutes.reduce((all, minute) => Math.max(all, minute.accepted), 1);
  const width = 100 / minutes.length;
  return h('figure', { class: 'minutes' },
    svg('svg', { viewBox: `0 0 100 ${stripHeight}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': 'Spans accepted in each minute' },
      minutes.map((minute, i) => {
        const height = Math.max(minute.accepted / most * stripHeight, 1);
        return svg('rect', {
          x: i * width, y: stripHeight - height, width: width * 0.9, height, class: minute.remainder !== 0 ? 'wrong' : minute.settled ? 'settled' : 'open',
        }, svg('title', {}, `${timeOf(minute.minute)}: ${plural(minute.accepted, 'span')} accepted, ${minute.inFlight} in flight${minute.remainder === 0 ? '' : `, ${minute.remainder} not accounted for`}`));
      })),
    h('figcaption', { class: 'dim' }, h('span', {}, timeOf(minutes[0]!.minute)), h('span', {}, `up to ${most.toLocaleString('en')} spans a minute`), h('span', {}, timeOf(minutes.at(-1)!.minute))));
}

function timeOf(text: string): string {
  return new Date(text).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

function seconds(value: number | undefined): string {
  return value === undefined ? '–' : formatDuration(value * 1e6);
}
