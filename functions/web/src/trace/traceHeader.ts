import { formatDuration } from '../model/durations.ts';
import { formatAgo, formatTime } from '../model/times.ts';
import type { TraceTree } from '../model/trace.ts';
import { apiLink } from '../ui/apiLink.ts';
import { copyButton } from '../ui/copyButton.ts';
import { h } from '../ui/element.ts';
import { fact } from '../ui/fact.ts';
import { icon } from '../ui/icons.ts';
import { plural, serviceChip } from '../ui/serviceChip.ts';

/** What the trace is and how it did, at a glance. */
export function traceHeader(tree: TraceTree, reload: () => void): HTMLElement {
  const now = Date.now();
  return h('section', { class: 'trace-header', 'aria-label': 'Trace' },
    h('div', { class: 'line' },
      h('h1', {}, h('span', {}, tree.root?.service ?? 'No spans'), ' ', h('span', { class: 'operation' }, tree.root?.span.operationName ?? '')),
      h('span', { class: 'grow' }),
      h('div', { class: 'actions' },
        apiLink('Jaeger JSON', `/api/traces/${tree.id}?prettyPrint=true`, 'button'),
        apiLink('Zipkin JSON', `/api/v2/trace/${tree.id}`, 'button'),
        h('button', { type: 'button', title: 'Load again (r)', onclick: reload }, icon('refresh'), 'Refresh'))),
    h('dl', { class: 'facts' },
      fact('Trace', h('span', { class: 'mono' }, tree.id), copyButton(tree.id, 'trace id')),
      fact('Start', formatTime(tree.start, now), ' ', h('span', { class: 'dim' }, formatAgo(tree.start, now))),
      fact('Duration', formatDuration(tree.duration)),
      fact('Spans', tree.spans.length.toLocaleString('en')),
      fact('Depth', String(tree.spans.reduce((most, node) => Math.max(most, node.depth + 1), 0))),
      fact('Errors', h('span', { class: tree.errors > 0 ? 'bad' : '' }, tree.errors.toLocaleString('en')))),
    h('div', { class: 'chips', 'aria-label': plural(tree.services.length, 'service') }, tree.services.map(serviceChip)));
}
