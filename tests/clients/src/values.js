// The values that spans are described with: {key, type, value}, the value always a text.

export const text = (key, value) => ({ key, type: 'string', value });
export const int = (key, value) => ({ key, type: 'int64', value: String(value) });
export const double = (key, value) => ({ key, type: 'float64', value: String(value) });
export const bool = (key, value) => ({ key, type: 'bool', value: String(value) });
export const binary = (key, value) => ({ key, type: 'binary', value: Buffer.from(value).toString('base64') });

/** A value as the client types it; lists as their JSON. */
export function typed(key, value, number) {
  switch (typeof value) {
    case 'number': return number(value);
    case 'boolean': return bool(key, value);
    case 'string': return text(key, value);
    default: return Array.isArray(value) ? { key, type: 'list', value: JSON.stringify(value) } : text(key, JSON.stringify(value));
  }
}

/** OpenTelemetry's [seconds, nanoseconds] as nanoseconds. */
export const ns = ([seconds, nanoseconds]) => (BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanoseconds))).toString();

/** Microseconds as nanoseconds. */
export const fromMicros = (micros) => (BigInt(Math.floor(micros)) * 1_000n).toString();
