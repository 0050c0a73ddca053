/** What is wrong with a text that should be logfmt; the message says where. */
export class LogfmtError extends Error {}

/**
 * Reads `key=value key2="value with spaces" key3`. A key alone means "true". In quotes, `\"` and `\\` stand for themselves.
 * Of a key that is given twice the last counts.
 */
export function parseLogfmt(text: string): Record<string, string> {
  const pairs: [string, string][] = [];
  let at = 0;
  while (true) {
    while (at < text.length && isSpace(text[at]!)) at++;
    if (at >= text.length) return Object.fromEntries(pairs);
    const keyStart = at;
    while (at < text.length && !isSpace(text[at]!) && text[at] !== '=' && text[at] !== '"') at++;
    const key = text.slice(keyStart, at);
    if (text[at] === '"') throw new LogfmtError(`A quote at character ${at + 1} is not behind "key=": write key="some value".`);
    if (key === '') throw new LogfmtError(`The "=" at character ${at + 1} has no key before it: write key=value.`);
    if (text[at] !== '=') {
      pairs.push([key, 'true']);
      continue;
    }
    const [value, next] = text[at + 1] === '"' ? quoted(text, at + 1, key) : bare(text, at + 1);
    pairs.push([key, value]);
    at = next;
  }
}

/** Writes what `parseLogfmt` reads. */
export function formatLogfmt(pairs: Record<string, string>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value === '' || /[\s"=\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value}`)
    .join(' ');
}

function bare(text: string, start: number): [string, number] {
  let at = start;
  while (at < text.length && !isSpace(text[at]!)) at++;
  return [text.slice(start, at), at];
}

function quoted(text: string, start: number, key: string): [string, number] {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') return [value, at + 1];
    if (character === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) value += text[++at];
    else value += character;
  }
  throw new LogfmtError(`The quote of ${key} at character ${start + 1} is never closed.`);
}

function isSpace(character: string): boolean {
  return character.trim() === '';
}
