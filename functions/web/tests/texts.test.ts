import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../src/api/failure.ts';
import { hueOf } from '../src/model/colours.ts';
import { layOut } from '../src/model/layOut.ts';
import { rangeOf, readSearch, writeSearch } from '../src/model/searchQuery.ts';
import { formatAgo, fromLocalInput, toLocalInput } from '../src/model/times.ts';
import { readTraceId } from '../src/model/traceIds.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';

for (const [text, expected] of [
  [` ${id.toUpperCase()} `, id], ['0x00f067aa0ba902b7', '00f067aa0ba902b7'], ['4bf92f35-77b3-4da6-a3ce-929d0e0e4736', id],
  [`00-${id}-00f067aa0ba902b7-01`, id], [`traceparent: 00-${id}-00f067aa0ba902b7-01`, id], [`b3: ${id}-00f067aa0ba902b7-1`, id],
  [`http://localhost:16686/trace/${id}?span=1`, id], ['1f', '1f'], ['0000', null], ['xyz', null], ['', null], [`${id}0`, null],
] as const) {
  test(`The trace id in "${text}" is ${expected}`, () => assert.equal(readTraceId(text), expected));
}

test('A query survives its address', () => {
  const address = 'service=cart&operation=GET+%2F&tags=a%3D%22b+c%22&minDuration=1ms&verdict=late&start=1000&end=2000&limit=5';
  const query = readSearch(new URLSearchParams(address));
  assert.deepEqual(readSearch(new URLSearchParams(writeSearch(query))), query);
  assert.deepEqual(rangeOf(query, 9), { start: 1000, end: 2000 });
});

test('What is missing or makes no sense gets its default', () => {
  const query = readSearch(new URLSearchParams('lookback=century&limit=-3&start=x&verdict=guilty'));
  assert.deepEqual([query.lookback, query.limit, query.start, query.verdict], ['1h', 20, null, '']);
  assert.equal(writeSearch(query), '');
  assert.equal(readSearch(new URLSearchParams('limit=100000')).limit, 1500);
  assert.deepEqual(rangeOf(query, 10_000_000), { start: 6_400_000_000, end: 10_000_000_000 });
});

test("An address of Jaeger's page is understood", () => {
  assert.equal(readSearch(new URLSearchParams('service=a&tags={"http.status_code":"500","x":"a b"}')).tags, 'http.status_code=500 x="a b"');
});

test('A failure says whose fault it is, in the words of the system', () => {
  const body = '{"data":null,"errors":[{"code":400,"msg":"parameter \'service\' is required"}]}';
  const query = failureOf(400, 'Bad Request', body, '/api/traces');
  assert.deepEqual([query.fault, query.message], ['query', "parameter 'service' is required"]);
  assert.equal(failureOf(503, 'Service Unavailable', '', '/x').fault, 'system');
  assert.equal(failureOf(429, 'Too Many Requests', '', '/x').fault, 'system');
  assert.equal(failureOf(401, 'Unauthorized', '', '/x').fault, 'key');
  assert.equal(failureOf(404, 'Not Found', '404 page not found\n', '/x').message, '404 page not found');
  assert.equal(failureOf(502, 'Bad Gateway', '<html>proxy</html>', '/x').message, '502 Bad Gateway');
});

test('The hues of a few services differ and do not change', () => {
  const names = ['frontend', 'cart', 'checkout', 'payment', 'shipping', 'email', 'currency'];
  const hues = names.map(hueOf);
  assert.equal(new Set(hues).size, names.length);
  assert.deepEqual(names.toReversed().map(hueOf).toReversed(), hues);
});

test('JSON in a text is laid out, unless that would change it', () => {
  const rest = `"note":"${'x'.repeat(80)}"}`;
  assert.equal(layOut(`{"a": [1, 2], ${rest}`), JSON.stringify(JSON.parse(`{"a":[1,2],${rest}`), null, 2));
  for (const text of ['{"a":1}', `{"a":9007199254740993,${rest}`, `{"a":1.0,${rest}`, `{"a":1,"a":2,${rest}`, `{"a":1,${rest}}`, `[${'x'.repeat(90)}]`])
    assert.equal(layOut(text), text);
});

test('Times go to the form and back, and are told by their distance', () => {
  const time = new Date(2026, 4, 6, 7, 8, 9).getTime();
  assert.equal(toLocalInput(time * 1000), '2026-05-06T07:08:09');
  assert.equal(fromLocalInput('2026-05-06T07:08:09'), time * 1000);
  assert.equal(fromLocalInput(''), null);
  assert.deepEqual([0, 5, 120, 7200, 200_000, -60].map((s) => formatAgo((time - s * 1000) * 1000, time)), ['just now', '5 s ago', '2 min ago', '2 h ago', '2 d ago', '60 s ahead']);
});
