import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalDuration, DurationError, formatDuration, parseDuration } from '../src/model/durations.ts';

for (const [text, microseconds] of [
  ['100ms', 100_000], ['1.5s', 1_500_000], ['1h30m', 5_400_000_000], ['20 us', 20], ['7µs', 7], ['.5ms', 500], ['2s 5ms', 2_005_000],
] as const) {
  test(`${text} is read`, () => assert.equal(parseDuration(text), microseconds));
}

for (const text of ['', '100', 'ms', '1x', '1s,', '-1s', '1..5s', 'about 1s']) {
  test(`"${text}" is no duration, and is told what would be one`, () => {
    assert.throws(() => parseDuration(text), (e) => e instanceof DurationError
      && e.message === `"${text}" is no duration: write a number and a unit (us, ms, s, m, h), such as 100ms or 1.5s.`);
  });
}

test('The API gets no spaces and no Greek', () => assert.equal(canonicalDuration(' 1 s 5 µs'), '1s5us'));

for (const [microseconds, text] of [
  [0, '0 µs'], [1, '1 µs'], [999, '999 µs'], [999.7, '1 ms'], [1_000, '1 ms'], [12_345, '12.3 ms'], [999_499, '999 ms'], [999_600, '1 s'],
  [1_234_567, '1.23 s'], [59_940_000, '59.9 s'], [59_960_000, '1 m'], [61_000_000, '1 m 1 s'], [3_599_700_000, '1 h'],
  [5_400_000_000, '1 h 30 m'], [90_000_000_000, '1 d 1 h'], [-1_500, '-1.5 ms'],
] as const) {
  test(`${microseconds} µs is written as ${text}`, () => assert.equal(formatDuration(microseconds), text));
}
