import { formatDuration } from '../model/durations.ts';
import type { Stretch } from '../model/criticalPath.ts';
import { rowWindow, scrollToRow, visibleSpans } from '../model/rows.ts';
import type { SpanNode, TraceTree } from '../model/trace.ts';
import { fill, h } from '../ui/element.ts';
import { spanRow } from './spanRow.ts';
import { NameColumn } from './nameColumn.ts';

/** A part of the trace's time, as fractions of it. */
export interface TimeRange {
  from: number;
  to: number;
}

export interface WaterfallEvents {
  onSelect(node: SpanNode): void;
  onOpen(): void;
  onZoom(range: TimeRange | null): void;
}

const rowHeight = 28; // px, as in the style sheet
const rowsAround = 12;
const ticks = 4;

/** The spans of a trace as rows of a tree with bars on a common time axis. Only the rows in view are on the page. */
export class Waterfall {
  readonly element: HTMLElement;
  readonly #tree: TraceTree;
  readonly #events: WaterfallEvents;
  readonly #collapsed = new Set<SpanNode>();
  readonly #rows = h('div', { class: 'rows' });
  readonly #scroller = h('div', { class: 'scroller', role: 'tree', tabindex: '0', 'aria-label': 'Spans', onscroll: () => this.#draw() }, this.#rows);
  readonly #axis = h('div', { class: 'ticks' });
  readonly #resized = new ResizeObserver(() => this.#draw());
  #visible: SpanNode[];
  #places = new Map<SpanNode, number>();
  #marked: ReadonlySet<SpanNode> | null = null;
  #critical: ReadonlyMap<SpanNode, readonly Stretch[]> = new Map();
  #range: TimeRange = { from: 0, to: 1 };
  selected: SpanNode | null;

  constructor(tree: TraceTree, events: WaterfallEvents) {
    this.#tree = tree;
    this.#events = events;
    this.#visible = [...tree.spans];
    this.selected = tree.spans[0] ?? null;
    const names = new NameColumn();
    this.element = h('div', { class: 'waterfall' }, h('div', { class: 'axis' }, h('div', { class: 'name' }, 'Service and operation'), this.#axis), this.#scroller, names.handle);
    names.attach(this.element);
    this.#rows.addEventListener('click', (event) => this.#onClick(event));
  }

  start(): void {
    this.#resized.observe(this.#scroller);
    this.#layOut();
  }

  stop(): void {
    this.#resized.disconnect();
  }

  focus(): void {
    this.#scroller.focus({ preventScroll: true });
  }

  move(step: number): void {
    const at = this.selected ? this.#places.get(this.selected) ?? 0 : 0;
    const next = this.#visible[Math.min(Math.max(at + step, 0), this.#visible.length - 1)];
    if (next) this.select(next);
  }

  movePage(direction: number): void {
    this.move(direction * Math.max(Math.floor(this.#scroller.clientHeight / rowHeight) - 1, 1));
  }

  /** Collapses the selected span; where there is nothing to collapse, goes to its parent. */
  collapse(): void {
    const node = this.selected;
    if (!node) return;
    if (node.children.length > 0 && !this.#collapsed.has(node)) this.#toggle(node);
    else if (node.parent) this.select(node.parent);
  }

  /** Expands the selected span; where it is, goes to its first child. */
  expand(): void {
    const node = this.selected;
    if (!node) return;
    if (this.#collapsed.has(node)) this.#toggle(node);
    else if (node.children[0]) this.select(node.children[0]);
  }

  collapseAll(): void {
    for (const node of this.#tree.spans) if (node.children.length > 0) this.#collapsed.add(node);
    let top = this.selected;
    while (top?.parent) top = top.parent;
    this.#layOut();
    if (top) this.select(top);
  }

  expandAll(): void {
    this.#collapsed.clear();
    this.#layOut();
    if (this.selected) this.select(this.selected);
  }

  /** Selects a span and brings it into view, out of whatever is collapsed. */
  select(node: SpanNode): void {
    let wasHidden = false;
    for (let parent = node.parent; parent; parent = parent.parent) wasHidden = this.#collapsed.delete(parent) || wasHidden;
    if (wasHidden) this.#layOut();
    this.selected = node;
    this.#scroller.scrollTop = scrollToRow(this.#places.get(node) ?? 0, rowHeight, this.#scroller.scrollTop, this.#scroller.clientHeight);
    this.#draw();
    this.#events.onSelect(node);
  }

  /** Selects the next or previous of some spans, round and round. */
  goToNext(nodes: readonly SpanNode[], step: number): void {
    if (nodes.length === 0) return;
    const at = this.selected?.order ?? -1;
    const next = step > 0 ? nodes.find((node) => node.order > at) ?? nodes[0]! : nodes.findLast((node) => node.order < at) ?? nodes.at(-1)!;
    this.select(next);
  }

  /** Marks the spans that were found and dims the others; null for no search. */
  mark(nodes: ReadonlySet<SpanNode> | null): void {
    this.#marked = nodes;
    this.#draw();
  }

  /** Marks the stretches of spans that decided how long the trace took. */
  showCritical(stretches: ReadonlyMap<SpanNode, readonly Stretch[]>): void {
    this.#critical = stretches;
    this.#draw();
  }

  /** Shows a part of the time, or all of it. */
  zoom(range: TimeRange | null): void {
    this.#range = range ?? { from: 0, to: 1 };
    this.#draw();
    this.#events.onZoom(range);
  }

  #toggle(node: SpanNode): void {
    if (!this.#collapsed.delete(node)) this.#collapsed.add(node);
    this.#layOut();
  }

  #onClick(event: Event): void {
    const target = event.target as Element;
    const row = target.closest<HTMLElement>('.row');
    const node = row && this.#tree.spans[Number(row.dataset.order)];
    if (!node) return;
    this.focus();
    if (target.closest('.toggle')) {
      this.#toggle(node);
      return;
    }
    const isAgain = this.selected === node;
    this.select(node);
    if (isAgain || !this.element.parentElement?.querySelector('.details:not([hidden])')) this.#events.onOpen();
  }

  #layOut(): void {
    this.#visible = visibleSpans(this.#tree.spans, this.#collapsed);
    this.#places = new Map(this.#visible.map((node, i) => [node, i]));
    this.#rows.style.height = `${this.#visible.length * rowHeight}px`;
    this.#draw();
  }

  #draw(): void {
    const span = Math.max(this.#tree.duration, 1);
    const start = this.#tree.start + this.#range.from * span;
    const length = (this.#range.to - this.#range.from) * span;
    const { first, end } = rowWindow(this.#visible.length, rowHeight, this.#scroller.scrollTop, this.#scroller.clientHeight, rowsAround);
    fill(this.#rows, this.#visible.slice(first, end).map((node, i) => spanRow(node, {
      top: (first + i) * rowHeight, start, length,
      isSelected: node === this.selected, isCollapsed: this.#collapsed.has(node),
      isFound: this.#marked?.has(node) ?? null, critical: this.#critical.get(node) ?? [],
    })));
    this.#axis.style.setProperty('--scrollbar', `${this.#scroller.offsetWidth - this.#scroller.clientWidth}px`);
    this.#scroller.setAttribute('aria-activedescendant', this.selected ? `span-${this.selected.order}` : '');
    fill(this.#axis, Array.from({ length: ticks + 1 }, (_, i) =>
      h('span', { '--at': `${i / ticks * 100}%` }, formatDuration(start - this.#tree.start + length * i / ticks))));
  }
}
