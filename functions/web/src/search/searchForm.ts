import { canonicalDuration, parseDuration } from '../model/durations.ts';
import { lookbacks, mostTraces, rangeOf, type SearchQuery } from '../model/searchQuery.ts';
import { parseTagTerms } from '../model/tagTerms.ts';
import { fromLocalInput, toLocalInput } from '../model/times.ts';
import { verdictTexts } from '../model/verdicts.ts';
import { fill, h, type Child } from '../ui/element.ts';

const lookbackTexts: Record<string, string> = {
  '15m': 'Last 15 minutes', '1h': 'Last hour', '6h': 'Last 6 hours', '24h': 'Last 24 hours', '7d': 'Last 7 days',
};

/** The fields of a search. What cannot be right is said at the field, before anything is sent. */
export class SearchForm {
  readonly element: HTMLFormElement;
  readonly #service = h('select', { name: 'service' });
  readonly #operation = h('input', { name: 'operation', list: 'operations', placeholder: 'Any', autocomplete: 'off', spellcheck: 'false' });
  readonly #operations = h('datalist', { id: 'operations' });
  readonly #tags = h('input', { name: 'tags', placeholder: 'error=true http.status_code>=500', autocomplete: 'off', spellcheck: 'false', class: 'mono' });
  readonly #min = h('input', { name: 'minDuration', placeholder: '100ms', autocomplete: 'off', size: 7 });
  readonly #max = h('input', { name: 'maxDuration', placeholder: '1.5s', autocomplete: 'off', size: 7 });
  readonly #verdict = h('select', { name: 'verdict' }, h('option', { value: '' }, 'Any'),
    Object.entries(verdictTexts).map(([kind, [name, meaning]]) => h('option', { value: kind, title: meaning }, name)));
  readonly #lookback = h('select', { name: 'lookback' },
    Object.keys(lookbacks).map((key) => h('option', { value: key }, lookbackTexts[key])), h('option', { value: '' }, 'From … to …'));
  readonly #start = h('input', { type: 'datetime-local', step: 1, name: 'start', 'aria-label': 'From' });
  readonly #end = h('input', { type: 'datetime-local', step: 1, name: 'end', 'aria-label': 'To' });
  readonly #limit = h('input', { type: 'number', name: 'limit', min: 1, max: mostTraces, required: true });
  readonly #absolute = h('div', { class: 'absolute' }, this.#start, h('span', { class: 'dim' }, 'to'), this.#end);

  /** @param onSearch the user wants the traces of the query. @param onService the user chose another service. */
  constructor(query: SearchQuery, onSearch: (query: SearchQuery) => void, onService: (service: string) => void) {
    this.#set(query);
    this.#service.addEventListener('change', () => {
      this.#operation.value = '';
      onService(this.#service.value);
    });
    this.#lookback.addEventListener('change', () => this.#showRange(query));
    this.element = h('form', {
      class: isDetailed(query) ? 'search all' : 'search', role: 'search', 'aria-label': 'Search traces', onsubmit: (event: Event) => {
        event.preventDefault();
        onSearch(this.read());
      }, oninput: () => this.#validate(),
    },
      field('Service', this.#service),
      field('Operation', this.#operation, this.#operations, 'extra'),
      field('Attributes', this.#tags, null, 'wide extra'),
      field('At least', this.#min, null, 'extra'),
      field('At most', this.#max, null, 'extra'),
      field('Verdict', this.#verdict, null, 'extra'),
      field('Time', this.#lookback),
      this.#absolute,
      field('Limit', this.#limit, null, 'extra'),
      // Where there is little room the usual fields come first.
      h('button', { type: 'button', class: 'plain more', onclick: () => this.element.classList.toggle('all') }, 'More or fewer fields'),
      h('button', { class: 'primary', id: 'search' }, 'Search'));
    this.#validate();
  }

  /** Offers services; the one that is chosen stays, even if nothing is known of it. */
  setServices(services: readonly string[]): void {
    const chosen = this.#service.value;
    const names = chosen !== '' && !services.includes(chosen) ? [chosen, ...services] : services;
    fill(this.#service, h('option', { value: '' }, 'Every service'), names.map((name) => h('option', { value: name }, name)));
    this.#service.value = chosen;
  }

  setOperations(operations: readonly string[]): void {
    fill(this.#operations, operations.map((name) => h('option', { value: name })));
  }

  focus(): void {
    this.element.classList.add('all');
    this.#tags.focus();
  }

  read(): SearchQuery {
    const isAbsolute = this.#lookback.value === '';
    return {
      service: this.#service.value,
      operation: this.#operation.value.trim(),
      tags: this.#tags.value.trim(),
      minDuration: durationOf(this.#min),
      maxDuration: durationOf(this.#max),
      verdict: this.#verdict.value,
      lookback: this.#lookback.value,
      start: isAbsolute ? fromLocalInput(this.#start.value) : null,
      end: isAbsolute ? fromLocalInput(this.#end.value) : null,
      limit: Math.trunc(Number(this.#limit.value)),
    };
  }

  #set(query: SearchQuery): void {
    fill(this.#service, h('option', { value: query.service }, query.service === '' ? 'Every service' : query.service));
    this.#service.value = query.service;
    this.#operation.value = query.operation;
    this.#tags.value = query.tags;
    this.#min.value = query.minDuration;
    this.#max.value = query.maxDuration;
    this.#verdict.value = query.verdict;
    this.#lookback.value = query.lookback;
    this.#limit.value = String(query.limit);
    this.#showRange(query);
  }

  #showRange(query: SearchQuery): void {
    const isAbsolute = this.#lookback.value === '';
    this.#absolute.hidden = !isAbsolute;
    this.#start.required = this.#end.required = isAbsolute;
    if (!isAbsolute || this.#start.value !== '') return;
    const range = rangeOf(query, Date.now());
    this.#start.value = toLocalInput(range.start);
    this.#end.value = toLocalInput(range.end);
  }

  #validate(): void {
    check(this.#tags, () => void parseTagTerms(this.#tags.value));
    check(this.#min, () => void durationOf(this.#min));
    check(this.#max, () => {
      if (durationOf(this.#max) !== '' && this.#min.validity.valid && durationOf(this.#min) !== ''
        && parseDuration(this.#max.value) < parseDuration(this.#min.value)) throw new Error('This is less than the least duration.');
    });
    check(this.#end, () => {
      if (!this.#absolute.hidden && (fromLocalInput(this.#end.value) ?? 0) < (fromLocalInput(this.#start.value) ?? 0))
        throw new Error('The end is before the start.');
    });
  }
}

function isDetailed(query: SearchQuery): boolean {
  return [query.operation, query.tags, query.minDuration, query.maxDuration, query.verdict].some((text) => text !== '');
}

function durationOf(input: HTMLInputElement): string {
  const text = input.value.trim();
  return text === '' ? '' : canonicalDuration(text);
}

function check(input: HTMLInputElement, validate: () => void): void {
  try {
    validate();
    input.setCustomValidity('');
  } catch (e) {
    input.setCustomValidity(e instanceof Error ? e.message : String(e));
  }
  input.title = input.validationMessage;
}

function field(name: string, control: HTMLElement, more: Child = null, className = ''): HTMLElement {
  return h('label', { class: `field ${className}` }, h('span', {}, name), control, more);
}
