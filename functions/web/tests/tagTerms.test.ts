import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTagTerms, parseTagTerms, TagTermError } from '../src/model/tagTerms.ts';

test('Pairs, quoted values, escapes, bare and denied keys are read', () => {
  assert.deepEqual(parseTagTerms(' a=1  b="two words" c="say \\"hi\\" \\\\o/" d !e f= g="" '),
    ['a=1', 'b="two words"', 'c="say \\"hi\\" \\\\o/"', 'd', '!e', 'f=', 'g=""']);
});

test('Comparisons are read, and a value may hold what compares', () => {
  assert.deepEqual(parseTagTerms('status>=500 retries<3 method!=GET url=/x?a=b size>1 size<=9'),
    ['status>=500', 'retries<3', 'method!=GET', 'url=/x?a=b', 'size>1', 'size<=9']);
});

test('An empty text has no terms', () => assert.deepEqual(parseTagTerms('  '), []));

for (const [text, message] of [
  ['a="open', 'The quote of a at character 3 is never closed.'],
  ['=x', 'The "=" at character 1 has no key before it: write key=value.'],
  ['b !', 'The "!" at character 3 has no key behind it: write !key.'],
  ['a "b"', 'A quote at character 3 is not behind "key=": write key="some value".'],
] as const) {
  test(`What is malformed is told with its place: ${text}`, () => {
    assert.throws(() => parseTagTerms(text), (e) => e instanceof TagTermError && e.message === message);
  });
}

test('What is written can be read again', () => {
  const pairs = { plain: 'x', spaced: 'a b', quoted: '"', slash: '\\', empty: '', equal: 'a=b' };
  assert.deepEqual(parseTagTerms(formatTagTerms(pairs)), ['plain=x', 'spaced="a b"', 'quoted="\\""', 'slash="\\\\"', 'empty=""', 'equal="a=b"']);
});
