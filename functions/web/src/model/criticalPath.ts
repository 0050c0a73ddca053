import type { CriticalStretch } from '../api/query.ts';
import { microsecondsOf } from './nanoseconds.ts';
import type { SpanNode, TraceTree } from './trace.ts';

/** A part of a span's time, in microseconds, that decided how long the trace took. */
export interface Stretch {
  from: number;
  to: number;
}

/** The stretches of each span that has any. Of two spans with one id, as client and server may share it, the right one is told by its kind. */
export function stretchesBySpan(tree: TraceTree, path: readonly CriticalStretch[]): Map<SpanNode, Stretch[]> {
  const byId = new Map<string, SpanNode[]>();
  for (const node of tree.spans) byId.set(node.span.spanID, [...(byId.get(node.span.spanID) ?? []), node]);
  const stretches = new Map<SpanNode, Stretch[]>();
  for (const { spanId, isServerHalf, fromUnixNano, toUnixNano } of path) {
    const nodes = byId.get(spanId) ?? [];
    const node = nodes.find((candidate) => isServer(candidate) === isServerHalf) ?? nodes[0];
    if (!node) continue;
    const known = stretches.get(node) ?? [];
    known.push({ from: microsecondsOf(fromUnixNano), to: microsecondsOf(toUnixNano) });
    stretches.set(node, known);
  }
  return stretches;
}

function isServer(node: SpanNode): boolean {
  return node.span.tags?.some((tag) => tag.key === 'span.kind' && tag.value === 'server') ?? false;
}
