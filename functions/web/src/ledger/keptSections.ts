import type { QuarantinedEvent, RefusedRequest } from '../api/ledger.ts';
import { formatTime } from '../model/times.ts';
import { apiLink } from '../ui/apiLink.ts';
import { h } from '../ui/element.ts';
import { table } from './table.ts';

const mostRows = 20;

/** Requests that were refused, as they came. */
export function refusedSection(refused: readonly RefusedRequest[]): HTMLElement {
  return h('section', { 'aria-label': 'Refused requests' }, h('h2', {}, 'Refused requests'), refused.length === 0
    ? h('p', { class: 'dim' }, 'There are none.')
    : table(['When', 'Why', 'Path', 'Sender', 'Body'], refused.slice(0, mostRows).map((request) => [
      formatTime(new Date(request.receivedAt).getTime() * 1e3, Date.now()), `${request.reason}: ${request.message}`, request.path, request.sender || request.service,
      apiLink('as it came', `/api/refused/${request.id}`)]), refused.length - mostRows));
}

/** Events that could not be decoded, kept whole. */
export function quarantineSection(events: readonly QuarantinedEvent[]): HTMLElement {
  return h('section', { 'aria-label': 'Quarantine' }, h('h2', {}, 'Quarantine'), events.length === 0
    ? h('p', { class: 'dim' }, 'It is empty.')
    : table(['Partition', '#Sequence', 'Why', '#Spans', 'Event'], events.slice(0, mostRows).map((event) => [
      event.partition, String(event.sequence), event.reason, event.spans < 0 ? '?' : String(event.spans),
      apiLink('its bytes', `/api/quarantine/${event.id}`)]), events.length - mostRows));
}
