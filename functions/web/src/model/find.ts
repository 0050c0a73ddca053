import type { KeyValue } from '../api/jaeger.ts';
import type { SpanNode } from './trace.ts';

/** The spans that hold every word of a text, anywhere a person can see it: names, ids, attributes, events, warnings. */
export function findSpans(spans: readonly SpanNode[], text: string): SpanNode[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [];
  return spans.filter((node) => {
    const haystack = haystackOf(node);
    return words.every((word) => haystack.includes(word));
  });
}

const haystacks = new WeakMap<SpanNode, string>();

function haystackOf(node: SpanNode): string {
  let haystack = haystacks.get(node);
  if (haystack === undefined) {
    const { span, process } = node;
    haystack = [
      node.service, span.operationName, span.spanID, ...node.warnings,
      ...pairs(span.tags), ...pairs(process.tags), ...(span.logs ?? []).flatMap((log) => pairs(log.fields)),
    ].join('\n').toLowerCase();
    haystacks.set(node, haystack);
  }
  return haystack;
}

function pairs(tags: readonly KeyValue[] | null | undefined): string[] {
  return (tags ?? []).map((tag) => `${tag.key}=${String(tag.value)}`);
}
