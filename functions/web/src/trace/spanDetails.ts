import type { KeyValue } from '../api/jaeger.ts';
import { hueOf } from '../model/colours.ts';
import type { Stretch } from '../model/criticalPath.ts';
import { formatDuration } from '../model/durations.ts';
import { layOut } from '../model/layOut.ts';
import { formatTime } from '../model/times.ts';
import type { SpanNode, TraceTree } from '../model/trace.ts';
import { copyButton } from '../ui/copyButton.ts';
import { h, type Child } from '../ui/element.ts';
import { fact } from '../ui/fact.ts';
import { icon } from '../ui/icons.ts';

/** Everything that is known about a span. */
export function spanDetails(node: SpanNode, tree: TraceTree, critical: readonly Stretch[], close: () => void, goTo: (node: SpanNode) => void): Child {
  const { span, process } = node;
  const links = (span.references ?? []).filter((reference) => reference.spanID !== node.parent?.span.spanID || reference.traceID !== span.traceID);
  return [
    h('div', { class: 'details-head', '--hue': hueOf(node.service) },
      h('h2', {}, h('span', { class: 'dot', 'aria-hidden': 'true' }), span.operationName || '(no name)'),
      h('button', { type: 'button', class: 'plain', 'aria-label': 'Close the details', title: 'Close (Esc)', onclick: close }, icon('close'))),
    h('p', { class: 'dim' }, node.service, kindOf(node)),
    node.isError && h('p', { class: 'bad line' }, icon('error'), 'This span ended with an error.'),
    node.warnings.map((warning) => h('p', { class: 'warning' }, warning)),
    h('dl', { class: 'facts' },
      fact('Duration', formatDuration(span.duration)),
      critical.length > 0 && fact('Of it on the critical path', formatDuration(critical.reduce((sum, stretch) => sum + stretch.to - stretch.from, 0))),
      fact('Starts at', `+${formatDuration(span.startTime - tree.start)}`),
      fact('Time', formatTime(span.startTime, Date.now())),
      fact('Below it', `${node.descendants}`)),
    section('Attributes', span.tags, 'This span has none.'),
    section('Resource', [{ key: 'service.name', value: node.service }, ...(process.tags ?? [])]),
    events(node, tree),
    links.length > 0 && h('section', {}, h('h3', {}, 'Links'), h('ul', { class: 'plain-list' }, links.map((link) => h('li', {},
      h('span', { class: 'dim' }, link.refType === 'CHILD_OF' ? 'child of ' : 'follows '), linkTo(link.traceID, link.spanID, tree, goTo))))),
    h('section', {}, h('h3', {}, 'Ids'), h('table', { class: 'pairs' }, h('tbody', {},
      idRow('Span', span.spanID),
      node.parent ? idRow('Parent', node.parent.span.spanID) : null,
      idRow('Trace', span.traceID)))),
    h('p', {}, copyButton(JSON.stringify({ ...span, process }, null, 2), 'span as JSON', 'Copy as JSON')),
  ];
}

function kindOf(node: SpanNode): string {
  const kind = node.span.tags?.find((tag) => tag.key === 'span.kind')?.value;
  return typeof kind === 'string' && kind !== '' ? ` · ${kind}` : '';
}

function events(node: SpanNode, tree: TraceTree): Child {
  const logs = (node.span.logs ?? []).toSorted((a, b) => a.timestamp - b.timestamp);
  return logs.length > 0 && h('section', {}, h('h3', {}, `Events `, h('span', { class: 'dim' }, logs.length)), logs.map((log) => {
    const fields = log.fields ?? [];
    const name = fields.find((field) => field.key === 'event');
    return h('details', { class: 'event', open: logs.length <= 3 },
      h('summary', {}, h('span', { class: 'mono dim' }, `+${formatDuration(log.timestamp - tree.start)}`), ' ', h('strong', {}, name ? String(name.value) : 'event')),
      pairsTable(fields.filter((field) => field !== name)));
  }));
}

function section(title: string, pairs: readonly KeyValue[] | null | undefined, none = ''): HTMLElement {
  const all = pairs ?? [];
  return h('section', {}, h('h3', {}, `${title} `, h('span', { class: 'dim' }, all.length)), all.length === 0 ? h('p', { class: 'dim' }, none) : pairsTable(all));
}

function pairsTable(pairs: readonly KeyValue[]): HTMLElement | null {
  if (pairs.length === 0) return null;
  const sorted = pairs.toSorted((a, b) => a.key.localeCompare(b.key));
  return h('table', { class: 'pairs' }, h('tbody', {}, sorted.map((pair) => {
    const original = typeof pair.value === 'object' ? JSON.stringify(pair.value) : String(pair.value);
    const text = layOut(original);
    return h('tr', {}, h('th', { scope: 'row' }, pair.key),
      h('td', { class: typeof pair.value === 'string' ? '' : 'mono' }, text.includes('\n') ? h('pre', {}, text) : text, copyButton(original, `value of ${pair.key}`)));
  })));
}

function linkTo(traceId: string, spanId: string, tree: TraceTree, goTo: (node: SpanNode) => void): HTMLElement {
  const here = traceId === tree.id ? tree.spans.find((node) => node.span.spanID === spanId) : undefined;
  if (here) return h('button', { type: 'button', class: 'link', onclick: () => goTo(here) }, `${here.service} ${here.span.operationName}`);
  if (traceId === tree.id) return h('span', {}, h('span', { class: 'mono' }, spanId), h('span', { class: 'dim' }, ', not in this trace'));
  return h('a', { href: `/trace/${traceId}?span=${spanId}`, class: 'mono' }, `${traceId} / ${spanId}`);
}

function idRow(name: string, id: string): HTMLElement {
  return h('tr', {}, h('th', { scope: 'row' }, name), h('td', { class: 'mono' }, id, copyButton(id, `${name.toLowerCase()} id`)));
}
