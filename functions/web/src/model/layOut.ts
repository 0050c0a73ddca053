const shortEnough = 80; // characters that are read at a glance as they are

/**
 * Lays JSON in a text out over lines, for senders put arrays and objects into texts. A text stays as it is where that would change
 * more than its white space: numbers of more digits than a double has, keys given twice.
 */
export function layOut(text: string): string {
  if (text.length <= shortEnough || !/^\s*[{[]/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return withoutSpaces(JSON.stringify(value)) === withoutSpaces(text) ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}

function withoutSpaces(text: string): string {
  return text.replace(/\s+/g, '');
}
