import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLogfmt, LogfmtError, parseLogfmt } from '../src/model/logfmt.ts';

test('Pairs, quoted values, escapes and bare keys are read', () => {
  assert.deepEqual(parseLogfmt(' a=1  b="two words" c="say \\"hi\\" \\\\o/" d e= f="" '), {
    a: '1', b: 'two words', c: 'say "hi" \\o/', d: 'true', e: '', f: '',
  });
});

test('A value may hold equal signs, and the last of two pairs counts', () => {
  assert.deepEqual(parseLogfmt('url=/x?a=b key=1 key=2'), { url: '/x?a=b', key: '2' });
});

test('An empty text has no pairs', () => assert.deepEqual(parseLogfmt('  '), {}));

test('A key that objects have anyway is a key like any other', () => {
  assert.deepEqual(Object.entries(parseLogfmt('__proto__=x constructor=y')), [['__proto__', 'x'], ['constructor', 'y']]);
});

for (const [text, message] of [
  ['a="open', 'The quote of a at character 3 is never closed.'],
  ['=x', 'The "=" at character 1 has no key before it: write key=value.'],
  ['a "b"', 'A quote at character 3 is not behind "key=": write key="some value".'],
] as const) {
  test(`What is malformed is told with its place: ${text}`, () => {
    assert.throws(() => parseLogfmt(text), (e) => e instanceof LogfmtError && e.message === message);
  });
}

test('What is written can be read again', () => {
  const pairs = { plain: 'x', spaced: 'a b', quoted: '"', slash: '\\', empty: '', equal: 'a=b' };
  assert.deepEqual(parseLogfmt(formatLogfmt(pairs)), pairs);
});
