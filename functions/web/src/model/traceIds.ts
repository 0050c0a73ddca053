/**
 * Finds the trace id in what people paste: an id in any case, with dashes or 0x, a W3C `traceparent`, a B3 header, or the
 * address of a page that shows the trace. Null when there is none.
 */
export function readTraceId(text: string): string | null {
  const trimmed = text.trim().toLowerCase();
  const address = /\/traces?\/([0-9a-f]{1,32})(?:[/?#]|$)/.exec(trimmed);
  if (address) return address[1]!;
  const parent = /(?:^|[\s:"'])[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(trimmed);
  if (parent) return parent[1]!;
  const b3 = /(?:^|[\s:"'])([0-9a-f]{32}|[0-9a-f]{16})-[0-9a-f]{16}(?:-[01d])?(?:-[0-9a-f]{16})?$/.exec(trimmed);
  if (b3) return b3[1]!;
  const uuid = trimmed.replace(/^0x/, '').replace(/^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/, '$1$2$3$4$5');
  return /^[0-9a-f]{1,32}$/.test(uuid) && /[1-9a-f]/.test(uuid) ? uuid : null;
}
