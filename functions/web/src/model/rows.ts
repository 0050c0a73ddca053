import type { SpanNode } from './trace.ts';

/** The spans that are not below a collapsed one, in order. */
export function visibleSpans(spans: readonly SpanNode[], collapsed: ReadonlySet<SpanNode>): SpanNode[] {
  if (collapsed.size === 0) return [...spans];
  const visible: SpanNode[] = [];
  for (let i = 0; i < spans.length; i++) {
    const node = spans[i]!;
    visible.push(node);
    if (collapsed.has(node)) i += node.descendants;
  }
  return visible;
}

/** Which rows have to be on the page: those in view and some around them, so that quick scrolling shows no gaps. */
export function rowWindow(
  rows: number, rowHeight: number, scrollTop: number, viewHeight: number, around: number,
): { first: number; end: number } {
  const first = Math.floor(Math.max(scrollTop, 0) / rowHeight) - around;
  const end = Math.ceil((Math.max(scrollTop, 0) + viewHeight) / rowHeight) + around;
  return { first: Math.min(Math.max(first, 0), rows), end: Math.min(Math.max(end, 0), rows) };
}

/** Where to scroll so that a row is in view: nowhere if it is already. */
export function scrollToRow(row: number, rowHeight: number, scrollTop: number, viewHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + viewHeight) return top + rowHeight - viewHeight;
  return scrollTop;
}
