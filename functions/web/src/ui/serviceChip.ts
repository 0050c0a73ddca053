import { hueOf } from '../model/colours.ts';
import type { ServiceCount } from '../model/trace.ts';
import { h } from './element.ts';

/** A service with its colour, its spans and, if it has any, its errors. */
export function serviceChip(service: ServiceCount): HTMLElement {
  const errors = service.errors === 0 ? '' : `, ${service.errors} with errors`;
  return h('span', { class: 'chip', '--hue': hueOf(service.name), title: `${service.name}: ${plural(service.spans, 'span')}${errors}` },
    h('span', { class: 'name' }, service.name), h('span', { class: 'count' }, service.spans),
    service.errors > 0 && h('span', { class: 'count bad' }, service.errors));
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
