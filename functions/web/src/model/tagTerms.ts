/** What is wrong with a text that should be conditions on attributes; the message says where. */
export class TagTermError extends Error {}

const operators = ['!=', '<=', '>=', '=', '<', '>'] as const;

/**
 * Reads `key=value key2="value with spaces" status>=500 key3 !key4`, separated by spaces, into values for the search's parameter `tag`:
 * a key alone asks that it be there, `!key` that it be not. In quotes, `\"` and `\\` stand for themselves, and the value is a text.
 */
export function parseTagTerms(text: string): string[] {
  const terms: string[] = [];
  let at = 0;
  while (true) {
    while (at < text.length && isSpace(text[at]!)) at++;
    if (at >= text.length) return terms;
    const keyStart = at;
    if (text[at] === '!') at++;
    const nameStart = at;
    while (at < text.length && !isSpace(text[at]!) && text[at] !== '"' && operatorAt(text, at) === '') at++;
    const key = text.slice(keyStart, at);
    const operator = operatorAt(text, at);
    if (text[at] === '"') throw new TagTermError(`A quote at character ${at + 1} is not behind "key=": write key="some value".`);
    if (at === nameStart) {
      throw new TagTermError(operator === ''
        ? `The "!" at character ${at} has no key behind it: write !key.`
        : `The "${operator}" at character ${at + 1} has no key before it: write key=value.`);
    }
    if (operator === '') {
      terms.push(key);
      continue;
    }
    at += operator.length;
    const [value, next] = text[at] === '"' ? quoted(text, at, key) : bare(text, at);
    terms.push(key + operator + value);
    at = next;
  }
}

/** Writes pairs, all of which have to be so, as `parseTagTerms` reads them. */
export function formatTagTerms(pairs: Record<string, string>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value === '' || /[\s"=\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value}`)
    .join(' ');
}

function operatorAt(text: string, at: number): string {
  return operators.find((operator) => text.startsWith(operator, at)) ?? '';
}

function bare(text: string, start: number): [string, number] {
  let at = start;
  while (at < text.length && !isSpace(text[at]!)) at++;
  return [text.slice(start, at), at];
}

/** The value as a JSON string, which the search takes for a text whatever it looks like. */
function quoted(text: string, start: number, key: string): [string, number] {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') return [JSON.stringify(value), at + 1];
    if (character === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) value += text[++at];
    else value += character;
  }
  throw new TagTermError(`The quote of ${key} at character ${start + 1} is never closed.`);
}

function isSpace(character: string): boolean {
  return character.trim() === '';
}
