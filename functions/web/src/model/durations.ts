const microsecondsPer: Record<string, number> = {
  ns: 0.001, us: 1, 'µs': 1, 'μs': 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6,
};

/** What is wrong with a text that should be a duration. */
export class DurationError extends Error {}

/** Reads `1.5s`, `100 ms`, `1h30m`, as Jaeger's API does but for the spaces. Microseconds. */
export function parseDuration(text: string): number {
  const compact = text.replace(/\s+/g, '');
  const pieces = [...compact.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
  if (pieces.length === 0 || pieces.reduce((length, piece) => length + piece[0].length, 0) !== compact.length)
    throw new DurationError(`"${text}" is no duration: write a number and a unit (us, ms, s, m, h), such as 100ms or 1.5s.`);
  return pieces.reduce((sum, piece) => sum + Number(piece[1]) * microsecondsPer[piece[2]!]!, 0);
}

/** The spelling that the API takes. */
export function canonicalDuration(text: string): string {
  parseDuration(text);
  return text.replace(/\s+/g, '').replace(/[µμ]s/g, 'us');
}

/** Writes microseconds for people: three significant digits, or two units from a minute on. */
export function formatDuration(microseconds: number): string {
  const absolute = Math.abs(microseconds);
  if (absolute < 999.5) return `${significant(microseconds)} µs`;
  if (absolute < 999.5e3) return `${significant(microseconds / 1e3)} ms`;
  if (absolute < 59.95e6) return `${significant(microseconds / 1e6)} s`;
  const seconds = Math.round(microseconds / 1e6);
  if (Math.abs(seconds) < 3600) return twoUnits(seconds, 60, 'm', 's');
  const minutes = Math.round(seconds / 60);
  if (Math.abs(minutes) < 1440) return twoUnits(minutes, 60, 'h', 'm');
  return twoUnits(Math.round(minutes / 60), 24, 'd', 'h');
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function twoUnits(value: number, per: number, large: string, small: string): string {
  const whole = Math.trunc(value / per);
  const rest = Math.abs(value % per);
  return rest === 0 ? `${whole} ${large}` : `${whole} ${large} ${rest} ${small}`;
}
