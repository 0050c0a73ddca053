import { getAlerts, getConservation, getCost, getLedger, getProbes, getQuarantine, getRefused } from '../api/ledger.ts';
import type { Navigate, View } from '../page.ts';
import { fill, h, type Child } from '../ui/element.ts';
import { icon } from '../ui/icons.ts';
import { Progress } from '../ui/progress.ts';
import type { KeyHelp } from '../ui/shortcuts.ts';
import { failedPanel } from '../ui/states.ts';
import { accountSection } from './accountSection.ts';
import { alertsSection, probesSection } from './alertsSection.ts';
import { costSection } from './costSection.ts';
import { lossesSection, sendersSection } from './countsSections.ts';
import { quarantineSection, refusedSection } from './keptSections.ts';

const windows: Readonly<Record<string, readonly [text: string, minutes: number]>> = {
  '15m': ['Last 15 minutes', 15], '1h': ['Last hour', 60], '6h': ['Last 6 hours', 360], '24h': ['Last 24 hours', 1440],
};
const autoRefreshEvery = 10_000; // ms

/** What became of every span: whether all are accounted for, what was lost where and by whom, and what is wrong now. */
export class LedgerView implements View {
  readonly element: HTMLElement;
  readonly keys: KeyHelp = [['r', 'Load again'], ['a', 'Refresh by itself, or stop'], ['?', 'This help']];
  readonly #progress = new Progress();
  readonly #window = h('select', { 'aria-label': 'Time' }, Object.entries(windows).map(([key, [text]]) => h('option', { value: key }, text)));
  readonly #auto = h('input', { type: 'checkbox', id: 'auto', checked: true });
  readonly #content = h('div', { class: 'ledger-content' });
  readonly #stopped = new AbortController();
  #timer = 0;

  constructor(navigate: Navigate) {
    document.title = 'Ledger';
    const asked = new URLSearchParams(location.search).get('lookback') ?? '';
    this.#window.value = Object.hasOwn(windows, asked) ? asked : '1h';
    this.#window.addEventListener('change', () => navigate(`/ledger?lookback=${this.#window.value}`));
    this.#auto.addEventListener('change', () => this.#schedule());
    this.element = h('div', { class: 'ledger-view' }, this.#progress.element,
      h('div', { class: 'line ledger-head' }, h('h1', {}, 'Ledger'), h('span', { class: 'dim' }, 'what became of every span'), h('span', { class: 'grow' }),
        this.#progress.text, this.#window, h('label', { class: 'check' }, this.#auto, 'Auto-refresh'),
        h('button', { type: 'button', onclick: () => void this.#load() }, icon('refresh'), 'Refresh')),
      this.#content);
  }

  start(): void {
    void this.#load();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped.abort();
  }

  onKey(event: KeyboardEvent): void {
    if (event.key === 'r') void this.#load();
    else if (event.key === 'a') this.#auto.click();
    else return;
    event.preventDefault();
  }

  async #load(): Promise<void> {
    clearTimeout(this.#timer);
    this.#progress.start('Reading the ledger …');
    const signal = this.#stopped.signal;
    const start = new Date(Date.now() - windows[this.#window.value]![1] * 60_000);
    const [conservation, counts, alerts, probes, refused, quarantine, cost] = await Promise.allSettled([
      getConservation(start, signal), getLedger(start, signal), getAlerts(signal), getProbes(signal), getRefused(signal), getQuarantine(signal), getCost(start, signal),
    ]);
    if (signal.aborted) return;
    this.#progress.end();
    const retry = () => void this.#load();
    // What cannot be read says so in its place, and hides nothing else.
    const part = <T>(result: PromiseSettledResult<T>, what: string, show: (value: T) => Child): Child =>
      result.status === 'fulfilled' ? show(result.value) : failedPanel(result.reason, what, retry);
    const isAllLost = [conservation, counts, alerts].every((result) => result.status === 'rejected');
    fill(this.#content, isAllLost ? failedPanel((conservation as PromiseRejectedResult).reason, 'The ledger', retry) : [
      part(conservation, 'The account', (answer) => accountSection(answer, counts.status === 'fulfilled' ? counts.value : null, windows[this.#window.value]![0])),
      part(alerts, 'The alerts', alertsSection),
      part(counts, 'The counts', (answer) => [lossesSection(answer.rows), sendersSection(answer.rows)]),
      part(probes, 'The probes', probesSection),
      part(refused, 'The refused requests', refusedSection),
      part(quarantine, 'The quarantine', quarantineSection),
      part(cost, 'The cost', costSection),
    ]);
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopped.signal.aborted || !this.#auto.checked) return;
    this.#timer = setTimeout(() => (document.hidden ? this.#schedule() : void this.#load()), autoRefreshEvery);
  }
}
