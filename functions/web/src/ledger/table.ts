import { h, type Child } from '../ui/element.ts';

/** A table; a column whose name begins with # holds numbers. */
export function table(columns: readonly string[], rows: readonly (readonly Child[])[], more = 0): HTMLElement {
  const isNumber = columns.map((name) => name.startsWith('#'));
  return h('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': columns.map((name) => name.replace('#', '')).join(', ') },
    h('table', {},
      h('thead', {}, h('tr', {}, columns.map((name, i) => h('th', { scope: 'col', class: isNumber[i] ? 'number' : '' }, name.replace('#', ''))))),
      h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, i) => h('td', { class: isNumber[i] ? 'number' : '' }, cell === '' ? h('span', { class: 'dim' }, '–') : cell)))))),
    more > 0 && h('p', { class: 'dim' }, `and ${more.toLocaleString('en')} more`));
}
