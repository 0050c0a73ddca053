import { getOperations, getServices } from '../api/client.ts';
import { readSearch, writeSearch, type SearchQuery } from '../model/searchQuery.ts';
import type { Navigate, View } from '../page.ts';
import { fill, h } from '../ui/element.ts';
import { icon } from '../ui/icons.ts';
import { Progress } from '../ui/progress.ts';
import { failedPanel } from '../ui/states.ts';
import type { KeyHelp } from '../ui/shortcuts.ts';
import { emptyPanel, firstSpanPanel } from './emptyStates.ts';
import { SearchForm } from './searchForm.ts';
import { searchOlder, searchTraces, type SearchOutcome } from './searchTraces.ts';
import { SearchResults } from './searchResults.ts';

const autoRefreshEvery = 10_000; // ms
const firstSpanEvery = 3_000; // ms

// Coming back from a trace shows at once what was there, where it was.
let kept: { address: string; outcome: SearchOutcome; scroll: number } | null = null;

/** The search: form, results, and what there is to say when there are none. */
export class SearchView implements View {
  readonly element: HTMLElement;
  readonly keys: KeyHelp = [
    ['/', 'Go to the attributes field'], ['j k', 'Next and previous trace'], ['Enter', 'Open the trace'], ['o', 'Older traces'], ['r', 'Search again'],
    ['a', 'Refresh by itself, or stop'], ['?', 'This help'],
  ];

  readonly #query: SearchQuery;
  readonly #form: SearchForm;
  readonly #results: SearchResults;
  readonly #progress = new Progress();
  readonly #content = h('div', { class: 'search-content' });
  readonly #auto = h('input', { type: 'checkbox', id: 'auto' });
  readonly #stopped = new AbortController();
  #running: AbortController | null = null;
  #timer = 0;

  constructor(navigate: Navigate) {
    this.#query = readSearch(new URLSearchParams(location.search));
    document.title = this.#query.service === '' ? 'Traces' : `${this.#query.service} – Traces`;
    this.#results = new SearchResults(navigate, () => void this.#showOlder());
    this.#form = new SearchForm(this.#query, (query) => {
      const address = `/search?${writeSearch(query)}`.replace(/\?$/, '');
      if (address === location.pathname + location.search) void this.#search();
      else navigate(address);
    }, (service) => void this.#loadOperations(service));
    this.#auto.addEventListener('change', () => this.#schedule(autoRefreshEvery));
    this.element = h('div', { class: 'search-view' }, this.#progress.element, this.#form.element,
      h('div', { class: 'bar' }, this.#progress.text, h('span', { class: 'grow' }),
        h('label', { class: 'check' }, this.#auto, 'Auto-refresh'),
        h('button', { type: 'button', id: 'refresh', onclick: () => void this.#search() }, icon('refresh'), 'Refresh')),
      this.#content);
  }

  start(): void {
    void this.#loadOperations(this.#query.service);
    if (kept?.address === location.search) {
      this.#show(kept.outcome);
      document.getElementById('content')!.scrollTop = kept.scroll;
      void this.#loadServices();
    } else void this.#search();
  }

  stop(): void {
    if (kept) kept.scroll = document.getElementById('content')!.scrollTop;
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#stopped.abort();
  }

  onKey(event: KeyboardEvent): void {
    if (event.key === '/') this.#form.focus();
    else if (event.key === 'j' || event.key === 'ArrowDown') this.#results.move(1);
    else if (event.key === 'k' || event.key === 'ArrowUp') this.#results.move(-1);
    else if (event.key === 'o') void this.#showOlder();
    else if (event.key === 'r') void this.#search();
    else if (event.key === 'a') this.#auto.click();
    else return;
    event.preventDefault();
  }

  async #search(isQuiet = false): Promise<void> {
    this.#running?.abort();
    clearTimeout(this.#timer);
    const running = (this.#running = new AbortController());
    const signal = running.signal;
    if (!isQuiet) this.#progress.start('Searching …');
    try {
      const outcome = await searchTraces(this.#query, Date.now(), signal);
      if (signal.aborted) return;
      this.#keep(outcome);
    } catch (e) {
      if (signal.aborted) return;
      kept = null;
      fill(this.#content, failedPanel(e, 'The search', () => void this.#search()));
      this.#schedule(autoRefreshEvery);
    } finally {
      if (this.#running === running) this.#progress.end();
    }
  }

  async #showOlder(): Promise<void> {
    const before = kept?.outcome;
    if (!before?.next) return;
    this.#running?.abort();
    clearTimeout(this.#timer);
    const running = (this.#running = new AbortController());
    this.#progress.start('Searching older traces …');
    try {
      const outcome = await searchOlder(this.#query, before, Date.now(), running.signal);
      if (!running.signal.aborted) this.#keep(outcome);
    } catch (e) {
      // What was found stays, with the failure below it.
      if (!running.signal.aborted) this.#results.showFailure(e);
    } finally {
      if (this.#running === running) this.#progress.end();
    }
  }

  #keep(outcome: SearchOutcome): void {
    kept = { address: location.search, outcome, scroll: 0 };
    this.#show(outcome);
  }

  #show(outcome: SearchOutcome): void {
    this.#form.setServices(outcome.services);
    if (outcome.services.length === 0) {
      // Keeps the panel, and with it the ids of its command, while it waits.
      if (!this.#content.querySelector('.first')) fill(this.#content, firstSpanPanel());
      this.#schedule(firstSpanEvery, true);
      return;
    }
    if (outcome.traces.length === 0) fill(this.#content, emptyPanel(this.#query, outcome));
    else {
      this.#results.show(outcome);
      if (this.#results.element.parentElement !== this.#content) fill(this.#content, this.#results.element);
    }
    this.#schedule(autoRefreshEvery);
  }

  #schedule(milliseconds: number, always = false): void {
    clearTimeout(this.#timer);
    if (this.#stopped.signal.aborted || !(always || this.#auto.checked)) return;
    this.#timer = setTimeout(() => (document.hidden ? this.#schedule(milliseconds, always) : void this.#search(true)), milliseconds);
  }

  async #loadServices(): Promise<void> {
    // Only an offer: where it fails the search says so.
    const services = await getServices(this.#stopped.signal).catch(() => null);
    if (services && !this.#stopped.signal.aborted) this.#form.setServices(services);
  }

  async #loadOperations(service: string): Promise<void> {
    this.#form.setOperations([]);
    if (service === '') return;
    const operations = await getOperations(service, this.#stopped.signal).catch(() => []);
    if (!this.#stopped.signal.aborted) this.#form.setOperations(operations);
  }
}
