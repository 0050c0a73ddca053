import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerRow } from '../src/api/ledger.ts';
import { stretchesBySpan } from '../src/model/criticalPath.ts';
import { bySender, losses, total } from '../src/model/ledgerSums.ts';
import { summarize } from '../src/model/summary.ts';
import { buildTrace } from '../src/model/trace.ts';
import { inOrder, verdictName } from '../src/model/verdicts.ts';

const found = {
  traceId: 'a1', rootService: '', rootOperation: '', startUnixNano: '1795190703690767233', durationNs: 1500, spans: 2, errors: 0,
  services: [{ name: 'cart', spans: 2, errors: 0 }], verdicts: ['complete', 'late'],
};

test('A summary is in microseconds, names a service where the root did not come, and leaves out that it is complete', () => {
  const summary = summarize(found);
  assert.deepEqual([summary.rootService, summary.verdicts, summary.duration, Math.trunc(summary.start)], ['cart', ['late'], 1.5, 1795190703690767]);
});

test('Verdicts come in the order in which they matter, unknown ones last', () => {
  assert.deepEqual(inOrder(['complete', 'new_kind', 'late', 'propagation_broken']), ['propagation_broken', 'late', 'complete', 'new_kind']);
  assert.equal(verdictName('new_kind'), 'new kind');
});

test('Of a client and a server with one id each gets its own stretches', () => {
  const span = (kind: string, startTime: number) => ({
    traceID: 't', spanID: 's', operationName: '', startTime, duration: 9, processID: 'p', tags: [{ key: 'span.kind', value: kind }],
  });
  const tree = buildTrace({ traceID: 't', spans: [span('client', 1), span('server', 2)], processes: { p: { serviceName: 'x' } } });
  const path = [true, false].map((isServerHalf, i) => ({ spanId: 's', isServerHalf, fromUnixNano: `${i}000`, toUnixNano: '9000', durationNs: 1 }));
  const stretches = stretchesBySpan(tree, [...path, { ...path[0]!, spanId: 'gone' }]);
  assert.deepEqual([...stretches].map(([node, [stretch]]) => [node.span.startTime, stretch!.from]).sort(), [[1, 1], [2, 0]]);
});

test('Losses are those stages alone, and senders are summed over reasons', () => {
  const row = (service: string, stage: string, count: number, reason = ''): LedgerRow => ({ service, sender: 'sdk', stage, reason, count });
  const rows = [row('a', 'accepted', 5), row('b', 'accepted', 9), row('a', 'refused', 1, 'malformed'), row('a', 'refused', 2, 'too_large'), row('c', 'stored', 3)];
  assert.deepEqual(losses(rows).map((loss) => loss.count), [2, 1]);
  assert.deepEqual(bySender(rows).map((sum) => [sum.service, sum.counts.accepted, sum.counts.refused ?? 0]), [['b', 9, 0], ['a', 5, 3]]);
  assert.equal(total(rows, 'refused'), 3);
});
