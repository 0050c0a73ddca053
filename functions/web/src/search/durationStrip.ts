import { formatDuration } from '../model/durations.ts';
import type { TraceSummary } from '../model/summary.ts';
import { formatTime } from '../model/times.ts';
import type { Navigate } from '../page.ts';
import { h, svg } from '../ui/element.ts';
import { plural } from '../ui/serviceChip.ts';

const height = 84; // px

/**
 * The traces as dots: when against how long (logarithmic), red where there are errors. The rows below say the same, so it is
 * hidden from screen readers and from the tab order.
 */
export function durationStrip(traces: readonly TraceSummary[], range: { start: number; end: number }, navigate: Navigate): HTMLElement | null {
  if (traces.length < 2) return null;
  const now = Date.now();
  const first = traces.reduce((least, trace) => Math.min(least, trace.start), Infinity);
  const last = traces.reduce((most, trace) => Math.max(most, trace.start), -Infinity);
  // The newest traces of a long range would all be at its right edge.
  const margin = Math.max((last - first) * 0.02, 1e3);
  const [start, end] = [Math.max(range.start, first - margin), Math.min(range.end, last + margin)];
  const durations = traces.map((trace) => Math.max(trace.duration, 1));
  const low = Math.log(Math.min(...durations) * 0.8);
  const high = Math.log(Math.max(...durations) * 1.25);
  const x = (time: number) => (time - start) / Math.max(end - start, 1) * 100;
  const y = (duration: number) => (1 - (Math.log(Math.max(duration, 1)) - low) / (high - low)) * (height - 16) + 8;
  const dots = traces.toSorted((a, b) => a.errors - b.errors).map((trace) => {
    const title = `${trace.rootService} ${trace.rootOperation}\n${formatDuration(trace.duration)}, ${plural(trace.spans, 'span')}, ${formatTime(trace.start, now)}`;
    return svg('circle', {
      cx: `${x(trace.start)}%`, cy: y(trace.duration), r: Math.min(3.5 + Math.log10(trace.spans), 7), class: trace.errors > 0 ? 'bad' : '',
      onclick: () => navigate(`/trace/${trace.id}`),
    }, svg('title', {}, title));
  });
  return h('figure', { class: 'strip', 'aria-hidden': 'true' },
    h('div', { class: 'scale' }, h('span', {}, formatDuration(Math.exp(high) / 1.25)), h('span', {}, formatDuration(Math.exp(low) / 0.8))),
    svg('svg', { height, width: '100%' },
      svg('line', { x1: 0, x2: '100%', y1: height - 0.5, y2: height - 0.5 }), dots),
    h('figcaption', {}, h('span', {}, formatTime(start, now)), h('span', {}, formatTime(end, now))));
}
