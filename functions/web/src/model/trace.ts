import type { JaegerProcess, JaegerSpan, JaegerTrace, KeyValue } from '../api/jaeger.ts';

/** A span in its place in the tree. Times are in microseconds. */
export interface SpanNode {
  readonly span: JaegerSpan;
  readonly process: JaegerProcess;
  readonly service: string;
  readonly isError: boolean;
  /** Whether the span names a parent that is not in the trace. */
  readonly isOrphan: boolean;
  readonly warnings: readonly string[];
  parent: SpanNode | null;
  children: SpanNode[];
  depth: number;
  /** Place among all spans, parents before their children. */
  order: number;
  /** How many spans are below this one. */
  descendants: number;
}

export interface ServiceCount {
  name: string;
  spans: number;
  errors: number;
}

export interface TraceTree {
  readonly id: string;
  /** All spans, parents before their children, siblings by their start. */
  readonly spans: readonly SpanNode[];
  readonly root: SpanNode | null;
  readonly start: number;
  readonly duration: number;
  /** In order of their first span. */
  readonly services: readonly ServiceCount[];
  readonly errors: number;
  readonly orphans: number;
  readonly warnings: readonly string[];
}

/** Builds the tree; whatever the input, every span is in it exactly once. */
export function buildTrace(trace: JaegerTrace): TraceTree {
  const spans = trace.spans ?? [];
  const firstById = new Map<string, number>();
  spans.forEach((span, i) => {
    if (!firstById.has(span.spanID)) firstById.set(span.spanID, i);
  });
  const parents = spans.map((span, i) => parentOf(span, i, firstById));
  const inCycle = breakCycles(spans, parents);
  const duplicates = spans.length - firstById.size;
  const nodes = spans.map((span, i) => {
    const warnings = [...(span.warnings ?? [])];
    if (firstById.get(span.spanID) !== i) warnings.push('Another span of this trace has the same id; its children are shown below that one.');
    if (inCycle.has(i)) warnings.push('This span is among its own ancestors; the circle was cut here.');
    const isOrphan = parents[i] === -1 && !inCycle.has(i) && hasParentReference(span);
    if (isOrphan) warnings.push('The parent of this span is not in the trace.');
    return newNode(span, trace.processes[span.processID], isOrphan, warnings);
  });

  const roots: SpanNode[] = [];
  nodes.forEach((node, i) => {
    const parent = parents[i]! < 0 ? null : nodes[parents[i]!]!;
    node.parent = parent;
    (parent?.children ?? roots).push(node);
  });
  const ordered = inOrder(roots);
  const start = spans.reduce((least, span) => Math.min(least, span.startTime), Infinity);
  const end = spans.reduce((most, span) => Math.max(most, span.startTime + span.duration), -Infinity);
  const orphans = nodes.filter((node) => node.isOrphan).length;
  return {
    id: trace.traceID,
    spans: ordered,
    root: roots.find((node) => !node.isOrphan) ?? roots[0] ?? null,
    start: spans.length === 0 ? 0 : start,
    duration: spans.length === 0 ? 0 : end - start,
    services: countServices(ordered),
    errors: nodes.filter((node) => node.isError).length,
    orphans,
    warnings: [...(trace.warnings ?? []), ...treeWarnings(orphans, duplicates, inCycle.size)],
  };
}

function treeWarnings(orphans: number, duplicates: number, cycles: number): string[] {
  const warnings: string[] = [];
  if (orphans > 0) warnings.push(`${many(orphans, 'span names', 'spans name')} a parent that is not in the trace: it was never sent, or has not arrived yet.`);
  if (duplicates > 0) warnings.push(`${many(duplicates, 'span has', 'spans have')} an id that another span of the trace has too.`);
  if (cycles > 0) warnings.push(`${many(cycles, 'span was', 'spans were')} among their own ancestors.`);
  return warnings;
}

function many(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

// The parent comes before links, and a link places a span only where nothing else does, as in Jaeger's page.
function parentOf(span: JaegerSpan, self: number, firstById: ReadonlyMap<string, number>): number {
  for (const type of ['CHILD_OF', 'FOLLOWS_FROM']) {
    for (const reference of span.references ?? []) {
      if (reference.refType !== type || reference.traceID !== span.traceID) continue;
      const parent = firstById.get(reference.spanID);
      if (parent !== undefined && parent !== self) return parent;
    }
  }
  return -1;
}

function hasParentReference(span: JaegerSpan): boolean {
  return (span.references ?? []).some((reference) => reference.refType === 'CHILD_OF' && reference.traceID === span.traceID);
}

/** Cuts every circle of parents at its earliest span; returns the spans that became roots by that. */
function breakCycles(spans: readonly JaegerSpan[], parents: number[]): Set<number> {
  const cut = new Set<number>();
  const seenIn = new Int32Array(spans.length).fill(-1); // the walk in which a span was first met
  for (let i = 0; i < spans.length; i++) {
    let at = i;
    while (at >= 0 && seenIn[at] === -1) {
      seenIn[at] = i;
      at = parents[at]!;
    }
    if (at < 0 || seenIn[at] !== i) continue;
    let earliest = at;
    for (let other = parents[at]!; other !== at; other = parents[other]!)
      if (spans[other]!.startTime < spans[earliest]!.startTime) earliest = other;
    parents[earliest] = -1;
    cut.add(earliest);
  }
  return cut;
}

// Without recursion: a chain of 10,000 calls is a legal trace.
function inOrder(roots: SpanNode[]): SpanNode[] {
  const ordered: SpanNode[] = [];
  const byStart = (a: SpanNode, b: SpanNode) => a.span.startTime - b.span.startTime;
  const open = roots.sort(byStart).toReversed();
  while (open.length > 0) {
    const node = open.pop()!;
    node.order = ordered.length;
    node.depth = node.parent === null ? 0 : node.parent.depth + 1;
    ordered.push(node);
    node.children.sort(byStart);
    for (let i = node.children.length - 1; i >= 0; i--) open.push(node.children[i]!);
  }
  for (let i = ordered.length - 1; i >= 0; i--) {
    const { parent, descendants } = ordered[i]!;
    if (parent !== null) parent.descendants += descendants + 1;
  }
  return ordered;
}

function newNode(span: JaegerSpan, process: JaegerProcess | undefined, isOrphan: boolean, warnings: string[]): SpanNode {
  return {
    span,
    process: process ?? { serviceName: 'unknown-service' },
    service: process?.serviceName ?? 'unknown-service',
    isError: isErrorTag(span.tags?.find((tag) => tag.key === 'error')),
    isOrphan,
    warnings,
    parent: null,
    children: [],
    depth: 0,
    order: 0,
    descendants: 0,
  };
}

function isErrorTag(tag: KeyValue | undefined): boolean {
  return tag !== undefined && Boolean(tag.value) && tag.value !== 'false';
}

function countServices(spans: readonly SpanNode[]): ServiceCount[] {
  const counts = new Map<string, ServiceCount>();
  for (const { service, isError } of spans) {
    const count = counts.get(service) ?? { name: service, spans: 0, errors: 0 };
    count.spans++;
    if (isError) count.errors++;
    counts.set(service, count);
  }
  return [...counts.values()];
}
