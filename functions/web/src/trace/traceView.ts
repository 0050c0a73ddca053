import { getCriticalPath, getTrace, getVerdicts } from '../api/client.ts';
import { ApiFailure } from '../api/failure.ts';
import { stretchesBySpan, type Stretch } from '../model/criticalPath.ts';
import { findSpans } from '../model/find.ts';
import { buildTrace, type SpanNode, type TraceTree } from '../model/trace.ts';
import type { View } from '../page.ts';
import { fill, h } from '../ui/element.ts';
import { icon } from '../ui/icons.ts';
import { Progress } from '../ui/progress.ts';
import type { KeyHelp } from '../ui/shortcuts.ts';
import { failedPanel, notice, statePanel } from '../ui/states.ts';
import { Findings } from './findings.ts';
import { Minimap } from './minimap.ts';
import { spanDetails } from './spanDetails.ts';
import { traceHeader } from './traceHeader.ts';
import { Waterfall } from './waterfall.ts';

/** One trace: header, waterfall, and the details of a span beside it. */
export class TraceView implements View {
  readonly element = h('div', { class: 'trace-view' });
  readonly keys: KeyHelp = [
    ['j ↓', 'Next span'], ['k ↑', 'Previous span'], ['Enter', 'Show or hide the details of the span'], ['← h', 'Collapse, or go to the parent'],
    ['→ l', 'Expand, or go to the first child'], ['[ ]', 'Collapse all, expand all'], ['/', 'Find in the trace'], ['n N', 'Next and previous match'],
    ['e', 'Next span with an error'], ['0', 'Show the whole time again'], ['r', 'Load again'], ['Esc', 'Close the details, clear the search'], ['?', 'This help'],
  ];

  readonly #id: string;
  readonly #progress = new Progress();
  readonly #body = h('div', { class: 'trace-body' });
  readonly #stopped = new AbortController();
  readonly #find = h('input', { type: 'search', id: 'find', placeholder: 'Find in the trace', 'aria-label': 'Find in the trace', autocomplete: 'off', spellcheck: 'false' });
  readonly #matchText = h('span', { class: 'dim matches', 'aria-live': 'polite' });
  readonly #details = h('aside', { class: 'details', 'aria-label': 'Span details', hidden: true });
  #tree: TraceTree | null = null;
  #waterfall: Waterfall | null = null;
  #findings: Findings;
  #critical: ReadonlyMap<SpanNode, readonly Stretch[]> = new Map();
  #matches: SpanNode[] = [];

  constructor(id: string) {
    this.#id = id;
    this.#findings = new Findings(id, this.#stopped.signal, (spanId) => this.#goToSpan(spanId));
    document.title = `Trace ${id.slice(0, 8)}`;
    this.element.append(this.#progress.element, this.#body);
    this.#find.addEventListener('input', () => this.#search());
    this.#find.addEventListener('keydown', (event) => this.#onFindKey(event));
  }

  start(): void {
    void this.#load();
  }

  stop(): void {
    this.#stopped.abort();
    this.#waterfall?.stop();
  }

  onKey(event: KeyboardEvent): void {
    const waterfall = this.#waterfall;
    if (!waterfall || !this.#tree) return;
    // A focused button or link keeps its own keys.
    if (event.key === 'Enter' && event.target instanceof Element && event.target.closest('button, a')) return;
    switch (event.key) {
      case 'j': case 'ArrowDown': waterfall.move(1); break;
      case 'k': case 'ArrowUp': waterfall.move(-1); break;
      case 'PageDown': waterfall.movePage(1); break;
      case 'PageUp': waterfall.movePage(-1); break;
      case 'Home': waterfall.move(-Infinity); break;
      case 'End': waterfall.move(Infinity); break;
      case 'h': case 'ArrowLeft': waterfall.collapse(); break;
      case 'l': case 'ArrowRight': waterfall.expand(); break;
      case '[': waterfall.collapseAll(); break;
      case ']': waterfall.expandAll(); break;
      case 'Enter': this.#toggleDetails(); break;
      case '/': this.#find.focus(); this.#find.select(); break;
      case 'n': this.#goToMatch(1); break;
      case 'N': this.#goToMatch(-1); break;
      case 'e': waterfall.goToNext(this.#tree.spans.filter((node) => node.isError), 1); break;
      case '0': waterfall.zoom(null); break;
      case 'r': void this.#load(); break;
      case 'Escape': this.#escape(); break;
      default: return;
    }
    event.preventDefault();
  }

  async #load(): Promise<void> {
    this.#progress.start('Loading the trace …');
    if (!this.#tree) fill(this.#body, h('p', { class: 'loading dim' }, this.#progress.text));
    try {
      const { trace, errors } = await getTrace(this.#id, this.#stopped.signal, (received, total) =>
        this.#progress.update(total === null ? null : received / total, `${(received / 1e6).toFixed(1)} MB loaded …`));
      if (this.#stopped.signal.aborted) return;
      this.#show(buildTrace(trace), errors.map((error) => error.msg ?? `error ${error.code}`));
      void this.#judge();
    } catch (e) {
      if (this.#stopped.signal.aborted) return;
      fill(this.#body, e instanceof ApiFailure && e.fault === 'missing' ? this.#missingPanel() : failedPanel(e, 'The trace', () => void this.#load()));
    } finally {
      this.#progress.end();
    }
  }

  /** What the system found out about the trace comes after it, so that nobody waits for it. */
  async #judge(): Promise<void> {
    const [tree, signal] = [this.#tree!, this.#stopped.signal];
    const [verdicts, path] = await Promise.allSettled([getVerdicts(this.#id, signal), getCriticalPath(this.#id, signal)]);
    if (signal.aborted || tree !== this.#tree) return;
    if (verdicts.status === 'fulfilled') this.#findings.show(verdicts.value);
    if (path.status === 'fulfilled') {
      this.#critical = stretchesBySpan(tree, path.value);
      this.#waterfall?.showCritical(this.#critical);
      if (this.#waterfall?.selected && !this.#details.hidden) this.#showDetails(this.#waterfall.selected);
    }
    const failed = [verdicts, path].find((result) => result.status === 'rejected');
    if (!failed) return;
    // The page's own findings say less, but they need nobody.
    const reason = failed.reason instanceof Error ? failed.reason.message : String(failed.reason);
    this.#body.querySelector('.tools')?.before(notice('What the system found out about this trace could not be read.', [reason, ...tree.warnings]));
  }

  #goToSpan(spanId: string): void {
    const node = this.#tree?.spans.find((candidate) => candidate.span.spanID === spanId);
    if (!node) return;
    this.#waterfall?.select(node);
    this.#showDetails(node);
  }

  #show(tree: TraceTree, gaps: readonly string[]): void {
    const selected = this.#waterfall?.selected?.span.spanID ?? new URLSearchParams(location.search).get('span');
    this.#waterfall?.stop();
    this.#tree = tree;
    if (tree.root) document.title = `${tree.root.service} ${tree.root.span.operationName} – Trace ${tree.id.slice(0, 8)}`;
    const waterfall = (this.#waterfall = new Waterfall(tree, {
      onSelect: (node) => this.#onSelect(node), onOpen: () => this.#toggleDetails(), onZoom: (range) => minimap.show(range),
    }));
    const minimap = new Minimap(tree, (range) => waterfall.zoom(range));
    fill(this.#body, traceHeader(tree, () => void this.#load()),
      gaps.length > 0 && notice('The trace is incomplete.', gaps),
      this.#findings.element,
      h('div', { class: 'tools' }, h('div', { class: 'find', role: 'search' }, this.#find,
        findButton('Previous match', 'up', () => this.#goToMatch(-1)), findButton('Next match', 'down', () => this.#goToMatch(1)), this.#matchText),
      h('span', { class: 'grow' }),
      h('span', { class: 'legend dim' }, h('i', {}), 'critical path'),
      h('button', { type: 'button', onclick: () => waterfall.collapseAll() }, 'Collapse all'),
      h('button', { type: 'button', onclick: () => waterfall.expandAll() }, 'Expand all')),
      minimap.element,
      h('div', { class: 'split' }, waterfall.element, this.#details));
    waterfall.start();
    minimap.show(null);
    const node = tree.spans.find((candidate) => candidate.span.spanID === selected);
    if (node) {
      waterfall.select(node);
      this.#showDetails(node);
    }
    this.#search();
  }

  #onSelect(node: SpanNode): void {
    if (!this.#details.hidden) this.#showDetails(node);
    this.#tellMatch();
  }

  #toggleDetails(): void {
    const node = this.#waterfall?.selected;
    if (node && this.#details.hidden) this.#showDetails(node);
    else this.#hideDetails();
  }

  #showDetails(node: SpanNode): void {
    this.#details.hidden = false;
    fill(this.#details, spanDetails(node, this.#tree!, this.#critical.get(node) ?? [], () => this.#hideDetails(), (other) => this.#waterfall?.select(other)));
    this.#details.scrollTop = 0;
    history.replaceState(null, '', `${location.pathname}?span=${node.span.spanID}`);
  }

  #hideDetails(): void {
    this.#details.hidden = true;
    history.replaceState(null, '', location.pathname);
    this.#waterfall?.focus();
  }

  #escape(): void {
    if (!this.#details.hidden) this.#hideDetails();
    else if (this.#find.value !== '') {
      this.#find.value = '';
      this.#search();
    }
  }

  #search(): void {
    this.#matches = this.#tree ? findSpans(this.#tree.spans, this.#find.value) : [];
    this.#waterfall?.mark(this.#find.value.trim() === '' ? null : new Set(this.#matches));
    this.#tellMatch();
  }

  #goToMatch(step: number): void {
    this.#waterfall?.goToNext(this.#matches, step);
  }

  #tellMatch(): void {
    const at = this.#waterfall?.selected ? this.#matches.indexOf(this.#waterfall.selected) : -1;
    const count = this.#matches.length;
    this.#matchText.textContent = this.#find.value.trim() === '' ? '' : count === 0 ? 'no span' : at < 0 ? `${count} found` : `${at + 1} of ${count}`;
  }

  #onFindKey(event: KeyboardEvent): void {
    if (event.key === 'Enter') this.#goToMatch(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') {
      this.#find.value = '';
      this.#search();
      this.#waterfall?.focus();
    } else return;
    event.preventDefault();
  }

  #missingPanel(): HTMLElement {
    return statePanel('empty', 'No trace with this id',
      h('p', { class: 'mono said' }, this.#id),
      h('ul', {},
        h('li', {}, 'Its spans may not have arrived yet: a trace can be read about a second after it was sent.'),
        h('li', {}, 'It may be older than the days that are kept, or never have been sampled.'),
        h('li', {}, 'Ids are compared whole: one of 64 bits (16 digits) is another trace than one of 128 bits (32 digits).')),
      h('p', {}, h('button', { type: 'button', class: 'primary', onclick: () => void this.#load() }, icon('refresh'), 'Try again'), ' ', h('a', { href: '/' }, 'Search traces')));
  }
}

function findButton(label: string, direction: string, onclick: () => void): HTMLElement {
  return h('button', { type: 'button', class: `plain small ${direction}`, 'aria-label': label, title: label, onclick }, icon('chevron'));
}
