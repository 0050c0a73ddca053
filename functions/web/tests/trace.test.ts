import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JaegerSpan, JaegerTrace } from '../src/api/jaeger.ts';
import { findSpans } from '../src/model/find.ts';
import { buildTrace, type TraceTree } from '../src/model/trace.ts';

test('Children are below their parents, by their start', () => {
  const tree = build(span('c', 30, 'a'), span('a', 10), span('b', 20, 'a'), span('d', 25, 'b'));
  assert.deepEqual(outline(tree), ['a', ' b', '  d', ' c']);
  assert.equal(tree.root?.span.spanID, 'a');
  assert.equal(tree.root?.descendants, 3);
  assert.deepEqual(tree.warnings, []);
});

test('A span whose parent is missing is a root that says so', () => {
  const tree = build(span('a', 10), span('b', 5, 'gone'));
  assert.deepEqual(outline(tree), ['b', 'a']);
  assert.equal(tree.root?.span.spanID, 'a', 'the true root is the root, though another span is earlier');
  assert.equal(tree.orphans, 1);
  assert.deepEqual(tree.warnings, ['1 span names a parent that is not in the trace: it was never sent, or has not arrived yet.']);
});

test('Without a true root the earliest span stands for it', () => {
  assert.equal(build(span('a', 10, 'gone'), span('b', 5, 'gone')).root?.span.spanID, 'b');
});

test('A circle of parents is cut at its earliest span', () => {
  const tree = build(span('a', 30, 'c'), span('b', 10, 'a'), span('c', 20, 'b'), span('d', 40, 'c'));
  assert.deepEqual(outline(tree), ['b', ' c', '  a', '  d']);
  assert.match(tree.spans[0]!.warnings.join(), /among its own ancestors/);
  assert.equal(tree.orphans, 0);
});

test('A span that is its own parent is a root', () => {
  assert.deepEqual(outline(build(span('a', 1, 'a'))), ['a']);
});

test('Spans with the same id are both there, and children stay with the first', () => {
  const tree = build(span('a', 1), span('x', 2, 'a'), span('x', 3, 'a'), span('y', 4, 'x'));
  assert.deepEqual(outline(tree), ['a', ' x', '  y', ' x']);
  assert.equal(tree.spans.length, 4);
  assert.deepEqual(tree.warnings, ['1 span has an id that another span of the trace has too.']);
});

test('The parent decides over a link, and a link of another trace never does', () => {
  const linked = span('b', 2, 'a');
  linked.references!.unshift({ refType: 'FOLLOWS_FROM', traceID: 't', spanID: 'c' }, { refType: 'CHILD_OF', traceID: 'other', spanID: 'c' });
  assert.deepEqual(outline(build(span('a', 1), linked, span('c', 3))), ['a', ' b', 'c']);
});

test('A span that only follows another is below it, and not an orphan without it', () => {
  const follower = span('b', 2);
  follower.references = [{ refType: 'FOLLOWS_FROM', traceID: 't', spanID: 'a' }];
  assert.deepEqual(outline(build(span('a', 1), follower)), ['a', ' b']);
  assert.equal(build(follower).orphans, 0);
});

test('A chain of 20,000 calls is built', () => {
  const spans = Array.from({ length: 20_000 }, (_, i) => span(`s${i}`, i, i > 0 ? `s${i - 1}` : undefined));
  const tree = build(...spans.toReversed());
  assert.equal(tree.spans.at(-1)!.depth, 19_999);
  assert.equal(tree.root!.descendants, 19_999);
});

test('A trace without spans or processes is no failure', () => {
  const tree = buildTrace({ traceID: 't', spans: null, processes: {} });
  assert.deepEqual([tree.spans.length, tree.root, tree.start, tree.duration], [0, null, 0, 0]);
  assert.equal(buildTrace({ traceID: 't', spans: [span('a', 1)], processes: {} }).spans[0]!.service, 'unknown-service');
});

test('Only a true error tag is an error', () => {
  const tagged = (value: unknown) => ({ ...span('a', 1), tags: [{ key: 'error', value }] });
  assert.deepEqual([true, 'true', 'timeout', false, 'false', ''].map((value) => build(tagged(value)).errors), [1, 1, 1, 0, 0, 0]);
});

test('The time of a trace reaches from its first start to its last end', () => {
  const tree = build({ ...span('a', 100), duration: 10 }, { ...span('b', 90, 'a'), duration: 5 }, { ...span('c', 105, 'a'), duration: 50 });
  assert.deepEqual([tree.start, tree.duration], [90, 65]);
});

test('Finding needs every word, in names, attributes, events or ids', () => {
  const a = { ...span('a1', 1), tags: [{ key: 'http.route', value: '/Cart' }], logs: [{ timestamp: 1, fields: [{ key: 'event', value: 'miss' }] }] };
  const tree = build(a, span('b2', 2, 'a1'));
  const found = (text: string) => findSpans(tree.spans, text).map((node) => node.span.spanID);
  assert.deepEqual(found('/cart MISS'), ['a1']);
  assert.deepEqual(found('http.route=/cart b2'), []);
  assert.deepEqual(found('b2'), ['b2']);
  assert.deepEqual(found('shop'), ['a1', 'b2']);
  assert.deepEqual(found('  '), []);
});

function span(id: string, start: number, parent?: string): JaegerSpan {
  return {
    traceID: 't', spanID: id, operationName: `op ${id}`, startTime: start, duration: 1, processID: 'p1',
    references: parent === undefined ? [] : [{ refType: 'CHILD_OF', traceID: 't', spanID: parent }],
  };
}

function trace(...spans: JaegerSpan[]): JaegerTrace {
  return { traceID: 't', spans, processes: { p1: { serviceName: 'shop' } } };
}

function build(...spans: JaegerSpan[]): TraceTree {
  return buildTrace(trace(...spans));
}

function outline(tree: TraceTree): string[] {
  tree.spans.forEach((node, i) => assert.equal(node.order, i));
  return tree.spans.map((node) => ' '.repeat(node.depth) + node.span.spanID);
}
