/** What can be said of a trace, in the order in which it matters, and what it means. Names as in /query/v1/verdict-kinds. */
export const verdictTexts: Readonly<Record<string, readonly [name: string, meaning: string]>> = {
  propagation_broken: ['propagation broken', 'A service received a call of this trace and began new traces with its own calls: it does not forward the trace headers.'],
  parent_missing: ['parent missing', 'Spans name parents that did not come.'],
  root_missing: ['root missing', 'Every span names a parent: what the trace begins with did not come.'],
  contradictory: ['contradictory', 'What the spans say cannot all be so: circles, several roots, ids that are not unique.'],
  late: ['late', 'Spans came later than the time after which a trace is taken for finished.'],
  truncated: ['truncated', 'Something was over a limit, here or at the sender, and was cut or left out.'],
  skewed: ['clocks skewed', 'The clocks of hosts that call each other differ by so much that it shows.'],
  id_width_mismatch: ['id widths differ', "Some services report the trace's id in 64 bits, some in 128."],
  sampled: ['sampled', 'The trace was chosen by a sampler and stands for others, or parts of it were not to be recorded.'],
  complete: ['complete', 'Every span has the parent that it names, up to one root, and nothing was cut.'],
};

/** Whether a verdict says that something is missing or wrong, and not only how the trace came to be. */
export function isTrouble(kind: string): boolean {
  return kind !== 'complete' && kind !== 'sampled';
}

export function verdictName(kind: string): string {
  return verdictTexts[kind]?.[0] ?? kind.replaceAll('_', ' ');
}

export function verdictMeaning(kind: string): string {
  return verdictTexts[kind]?.[1] ?? '';
}

/** Kinds with the most important first. */
export function inOrder(kinds: readonly string[]): string[] {
  const order = Object.keys(verdictTexts);
  const place = (kind: string) => (order.indexOf(kind) + order.length + 1) % (order.length + 1);
  return kinds.toSorted((a, b) => place(a) - place(b));
}
