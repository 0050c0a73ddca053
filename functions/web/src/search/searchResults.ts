import { formatDuration } from '../model/durations.ts';
import { hueOf } from '../model/colours.ts';
import type { TraceSummary } from '../model/summary.ts';
import { formatAgo, formatTime } from '../model/times.ts';
import { inOrder, isTrouble, verdictMeaning, verdictName } from '../model/verdicts.ts';
import type { Navigate } from '../page.ts';
import { fill, h } from '../ui/element.ts';
import { failedPanel, notice } from '../ui/states.ts';
import { plural, serviceChip } from '../ui/serviceChip.ts';
import { durationStrip } from './durationStrip.ts';
import type { SearchOutcome } from './searchTraces.ts';

const mostChips = 8;

const orders: Record<string, [text: string, compare: (a: TraceSummary, b: TraceSummary) => number]> = {
  newest: ['Newest first', (a, b) => b.start - a.start],
  longest: ['Longest first', (a, b) => b.duration - a.duration],
  spans: ['Most spans first', (a, b) => b.spans - a.spans],
  errors: ['Most errors first', (a, b) => b.errors - a.errors || b.start - a.start],
};

/** The traces found, one row each. */
export class SearchResults {
  readonly element: HTMLElement;
  readonly #navigate: Navigate;
  readonly #head = h('div', { class: 'results-head' });
  readonly #strip = h('div', {});
  readonly #list = h('ol', { class: 'results' });
  readonly #foot = h('div', { class: 'results-foot' });
  readonly #showOlder: () => void;
  readonly #order = h('select', { 'aria-label': 'Order', class: 'order', onchange: () => this.#showRows() },
    Object.entries(orders).map(([key, [text]]) => h('option', { value: key }, text)));
  #traces: readonly TraceSummary[] = [];

  /** @param showOlder the user wants the traces before those that are shown. */
  constructor(navigate: Navigate, showOlder: () => void) {
    this.#navigate = navigate;
    this.#showOlder = showOlder;
    this.element = h('section', { 'aria-label': 'Traces found' }, this.#head, this.#strip, this.#list, this.#foot);
  }

  show(outcome: SearchOutcome): void {
    this.#traces = outcome.traces;
    const failed = outcome.traces.filter((trace) => trace.errors > 0).length;
    fill(this.#head,
      h('div', { class: 'line' },
        h('h1', { 'aria-live': 'polite' }, plural(outcome.traces.length, 'trace')),
        failed > 0 && h('span', { class: 'bad' }, `${failed} with errors`),
        outcome.next !== null && h('span', { class: 'dim' }, 'the newest; there are older ones'),
        h('span', { class: 'grow' }), this.#order),
      outcome.gaps.length > 0 && notice('The search is incomplete.', outcome.gaps));
    fill(this.#strip, durationStrip(outcome.traces, outcome.range, this.#navigate));
    fill(this.#foot, outcome.next !== null && h('button', { type: 'button', id: 'older', title: 'Older traces (o)', onclick: () => this.#showOlder() }, 'Older traces'));
    this.#showRows();
  }

  /** Says below the traces why no older ones came. */
  showFailure(failure: unknown): void {
    fill(this.#foot, failedPanel(failure, 'The search for older traces', () => this.#showOlder()));
  }

  /** Moves the focus to the next or previous trace. */
  move(step: number): void {
    const links = [...this.#list.querySelectorAll<HTMLElement>('a')];
    const at = links.findIndex((link) => link === document.activeElement);
    links[Math.min(Math.max(at < 0 ? 0 : at + step, 0), links.length - 1)]?.focus();
  }

  #showRows(): void {
    // A refresh must not take the focus away from who is reading the list.
    const focused = this.#list.contains(document.activeElement) ? document.activeElement?.getAttribute('href') : null;
    const longest = this.#traces.reduce((most, trace) => Math.max(most, trace.duration), 1);
    const now = Date.now();
    const sorted = this.#traces.toSorted(orders[this.#order.value]![1]);
    fill(this.#list, sorted.map((trace) => h('li', {}, resultRow(trace, longest, now))));
    if (focused) this.#list.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

function resultRow(trace: TraceSummary, longest: number, now: number): HTMLElement {
  const chips = trace.services.slice(0, mostChips).map(serviceChip);
  const more = trace.services.length - chips.length;
  return h('a', { class: trace.errors > 0 ? 'result has-errors' : 'result', href: `/trace/${trace.id}` },
    h('span', { class: 'title', '--hue': hueOf(trace.rootService) },
      h('span', { class: 'dot', 'aria-hidden': 'true' }),
      h('strong', {}, trace.rootService), ' ', h('span', { class: 'operation' }, trace.rootOperation || '(no name)'),
      inOrder(trace.verdicts).map((kind) => h('span', { class: isTrouble(kind) ? 'tag trouble' : 'tag', title: verdictMeaning(kind) }, verdictName(kind)))),
    h('span', { class: 'duration' },
      h('span', { class: 'meter', 'aria-hidden': 'true' }, h('i', { '--part': `${Math.max(trace.duration / longest * 100, 0.5)}%` })),
      h('span', { class: 'value' }, formatDuration(trace.duration))),
    h('span', { class: 'chips' }, chips, more > 0 && h('span', { class: 'dim' }, `+${more}`)),
    h('span', { class: 'counts' },
      trace.errors > 0 && h('span', { class: 'bad' }, plural(trace.errors, 'error')), h('span', {}, plural(trace.spans, 'span'))),
    h('time', { class: 'when', datetime: new Date(trace.start / 1e3).toISOString() },
      h('span', {}, formatTime(trace.start, now)), ' ', h('span', { class: 'dim' }, formatAgo(trace.start, now))));
}
