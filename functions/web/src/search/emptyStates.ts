import { lookbacks, writeSearch, type SearchQuery } from '../model/searchQuery.ts';
import { formatTime } from '../model/times.ts';
import { verdictName } from '../model/verdicts.ts';
import { copyButton } from '../ui/copyButton.ts';
import { h, type Child } from '../ui/element.ts';
import { notice, statePanel } from '../ui/states.ts';
import type { SearchOutcome } from './searchTraces.ts';

/** Nothing matches: says what was asked, and offers each way of asking for more. */
export function emptyPanel(query: SearchQuery, outcome: SearchOutcome): HTMLElement {
  const now = Date.now();
  const asked: Child[] = [
    row('Service', query.service === '' ? `every service (${outcome.services.length})` : query.service),
    query.operation !== '' && row('Operation', query.operation),
    query.tags !== '' && row('Attributes', query.tags),
    query.minDuration !== '' && row('At least', query.minDuration),
    query.maxDuration !== '' && row('At most', query.maxDuration),
    query.verdict !== '' && row('Verdict', verdictName(query.verdict)),
    row('Time', `${formatTime(outcome.range.start, now)} to ${formatTime(outcome.range.end, now)}`),
  ];
  const attempts = attemptsOf(query);
  const unknown = query.service !== '' && !outcome.services.includes(query.service);
  return h('div', { class: 'nothing' },
    outcome.gaps.length > 0 && notice('The search is incomplete.', outcome.gaps),
    statePanel('empty', 'No trace matches',
      unknown && h('p', {}, `No service named "${query.service}" has sent a span; names are exact to the letter.`),
      h('dl', { class: 'asked' }, asked),
      attempts.length > 0 && h('p', {}, 'Try: '),
      h('ul', { class: 'attempts' }, attempts.map(([text, changed]) => h('li', {}, h('a', { href: `/search?${writeSearch({ ...query, ...changed })}` }, text)))),
      query.tags !== '' && h('p', { class: 'dim' }, 'All attributes have to be on one span, and operation and duration have to be those of that span.')));
}

/** The system has no spans at all: how to send the first. The page looks by itself whether it came. */
export function firstSpanPanel(): HTMLElement {
  const command = curlCommand();
  return statePanel('first', 'No spans yet',
    h('p', {}, 'This system works, and nothing has been sent to it. Send a first span from a terminal:'),
    h('pre', { class: 'command', tabindex: '0', 'aria-label': 'Command' }, command),
    h('p', {}, copyButton(command, 'command', 'Copy the command')),
    h('p', {}, 'Or point what you have at ', h('code', {}, location.origin), ': Zipkin clients post to ', h('code', {}, '/api/v2/spans'),
      ', OpenTelemetry (HTTP, protobuf or JSON) to ', h('code', {}, '/v1/traces'), '. The local program makes example traffic when started with ', h('code', {}, '--demo'), '.'),
    h('p', { class: 'waiting' }, h('span', { class: 'pulse', 'aria-hidden': 'true' }), 'Waiting for the first span; this page will show it.'));
}

function curlCommand(): string {
  const span = [{
    traceId: randomHex(16), id: randomHex(8), name: 'say hello', kind: 'SERVER', timestamp: Date.now() * 1000, duration: 12_000,
    localEndpoint: { serviceName: 'my-first-service' },
  }];
  return `curl -i ${location.origin}/api/v2/spans \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(span)}'`;
}

function randomHex(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function attemptsOf(query: SearchQuery): [string, Partial<SearchQuery>][] {
  const attempts: [string, Partial<SearchQuery>][] = [];
  const longest = Object.keys(lookbacks).at(-1)!;
  if (query.lookback !== longest) attempts.push(['the last 7 days', { lookback: longest, start: null, end: null }]);
  if (query.minDuration !== '' || query.maxDuration !== '') attempts.push(['any duration', { minDuration: '', maxDuration: '' }]);
  if (query.tags !== '') attempts.push(['any attributes', { tags: '' }]);
  if (query.verdict !== '') attempts.push(['any verdict', { verdict: '' }]);
  if (query.operation !== '') attempts.push(['any operation', { operation: '' }]);
  if (query.service !== '') attempts.push(['every service', { service: '', operation: '' }]);
  return attempts;
}

function row(name: string, value: string): Child {
  return [h('dt', {}, name), h('dd', {}, value)];
}
