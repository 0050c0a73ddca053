import { hueOf } from '../model/colours.ts';
import { formatDuration } from '../model/durations.ts';
import type { Stretch } from '../model/criticalPath.ts';
import type { SpanNode } from '../model/trace.ts';
import { h } from '../ui/element.ts';
import { icon } from '../ui/icons.ts';

export interface RowState {
  /** px */
  top: number;
  /** What the row's width shows, in microseconds. */
  start: number;
  length: number;
  isSelected: boolean;
  isCollapsed: boolean;
  /** Null when nothing is searched. */
  isFound: boolean | null;
  /** What of the span decided how long the trace took. */
  critical: readonly Stretch[];
}

const mostIndents = 24; // deeper spans stay where their names can still be read
const mostEvents = 50;
const leftOf = 70; // percent: the label of a bar that begins behind this goes to its left
const insideOf = 85; // percent: that of one that ends behind this into it

/** One span as a row of the waterfall. */
export function spanRow(node: SpanNode, state: RowState): HTMLElement {
  const { span } = node;
  const at = (time: number) => (time - state.start) / state.length * 100;
  const [from, to] = [at(span.startTime), at(span.startTime + span.duration)];
  const [left, right] = [Math.min(Math.max(from, 0), 100), Math.min(Math.max(to, 0), 100)];
  const isInView = to >= 0 && from <= 100;
  const duration = formatDuration(span.duration);
  const place = left > leftOf ? 'before' : right > insideOf ? 'inside' : 'after';
  const classes = ['row', state.isSelected && 'selected', node.isError && 'error', state.isFound === true && 'found', state.isFound === false && 'not-found'];
  return h('div', {
    class: classes.filter(Boolean).join(' '), id: `span-${node.order}`, role: 'treeitem', 'data-order': node.order,
    'aria-level': node.depth + 1, 'aria-selected': state.isSelected ? 'true' : 'false',
    'aria-expanded': node.children.length === 0 ? null : state.isCollapsed ? 'false' : 'true',
    'aria-label': `${node.service} ${span.operationName}, ${duration}${node.isError ? ', error' : ''}`,
    '--top': `${state.top}px`, '--hue': hueOf(node.service),
  },
    h('div', { class: 'name', '--depth': Math.min(node.depth, mostIndents) },
      node.children.length === 0 ? h('span', { class: 'leaf' }) : h('span', { class: state.isCollapsed ? 'toggle' : 'toggle open', title: state.isCollapsed ? 'Expand' : 'Collapse' }, icon('chevron')),
      h('span', { class: 'dot' }),
      node.isError && icon('error'),
      h('span', { class: 'text', title: `${node.service}: ${span.operationName}` }, h('strong', {}, node.service), ' ', h('span', { class: 'operation' }, span.operationName || '(no name)')),
      state.isCollapsed && h('span', { class: 'hidden-count', title: 'Spans below, hidden' }, `+${node.descendants}`),
      node.warnings.length > 0 && h('span', { class: 'warn', title: node.warnings.join('\n') }, '!')),
    h('div', { class: 'time' },
      isInView && h('div', { class: 'span-bar', '--left': `${left}%`, '--width': `${right - left}%` }, place === 'inside' && h('span', {}, duration)),
      isInView && place !== 'inside' && h('span', { class: `label ${place}`, '--left': `${place === 'before' ? left : right}%` }, duration),
      state.critical.map((stretch) => [Math.max(at(stretch.from), 0), Math.min(at(stretch.to), 100)] as const).filter(([a, b]) => b > a)
        .map(([a, b]) => h('i', { class: 'critical', '--left': `${a}%`, '--width': `${b - a}%` })),
      (span.logs ?? []).slice(0, mostEvents).map((log) => at(log.timestamp)).filter((x) => x >= 0 && x <= 100)
        .map((x) => h('i', { class: 'event-tick', '--left': `${x}%` }))));
}
