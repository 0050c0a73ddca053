import { h, type Child } from './element.ts';

/** A name and what is so of it, for a list of such (`dl`). */
export function fact(name: string, ...value: Child[]): HTMLElement {
  return h('div', {}, h('dt', {}, name), h('dd', {}, ...value));
}
