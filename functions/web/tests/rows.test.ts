import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowWindow, scrollToRow, visibleSpans } from '../src/model/rows.ts';
import { buildTrace } from '../src/model/trace.ts';

test('Only the rows in view and those around them are made', () => {
  assert.deepEqual(rowWindow(10_000, 28, 0, 560, 10), { first: 0, end: 30 });
  assert.deepEqual(rowWindow(10_000, 28, 28_000, 560, 10), { first: 990, end: 1_030 });
  assert.deepEqual(rowWindow(10_000, 28, 279_440, 560, 10), { first: 9_970, end: 10_000 });
});

test('A list that became shorter than where it was scrolled to shows no rows beyond its end', () => {
  assert.deepEqual(rowWindow(3, 28, 28_000, 560, 10), { first: 3, end: 3 });
  assert.deepEqual(rowWindow(0, 28, 0, 560, 10), { first: 0, end: 0 });
  assert.deepEqual(rowWindow(5, 28, -40, 560, 0), { first: 0, end: 5 });
});

test('Scrolling goes no further than needed', () => {
  assert.equal(scrollToRow(5, 28, 0, 560), 0);
  assert.equal(scrollToRow(30, 28, 0, 560), 308);
  assert.equal(scrollToRow(2, 28, 308, 560), 56);
});

test('What is below a collapsed span is not visible, whatever is collapsed in it', () => {
  const parents: Record<string, string | null> = { a: null, b: 'a', c: 'b', d: 'b', e: 'a' };
  const { spans } = buildTrace({
    traceID: 't', processes: {},
    spans: Object.entries(parents).map(([id, parent], i) => ({
      traceID: 't', spanID: id, operationName: id, startTime: i, duration: 1, processID: '',
      references: parent === null ? [] : [{ refType: 'CHILD_OF', traceID: 't', spanID: parent }],
    })),
  });
  const visible = (...collapsed: string[]) =>
    visibleSpans(spans, new Set(spans.filter((node) => collapsed.includes(node.span.spanID)))).map((node) => node.span.spanID).join('');
  assert.equal(visible(), 'abcde');
  assert.equal(visible('b'), 'abe');
  assert.equal(visible('a', 'b'), 'a');
  assert.equal(visible('c'), 'abcde');
});
