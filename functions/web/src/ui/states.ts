import { functionKey } from '../api/client.ts';
import { ApiFailure } from '../api/failure.ts';
import { h, type Child } from './element.ts';
import { icon } from './icons.ts';

/** What is shown instead of content: a heading, what it means, and what to do. */
export function statePanel(kind: 'empty' | 'failed' | 'first', title: string, ...children: Child[]): HTMLElement {
  return h('section', { class: `state ${kind}`, role: kind === 'failed' ? 'alert' : 'status' }, h('h2', {}, kind === 'failed' && icon('error'), title), children);
}

/** What failed, who has to do something about it, and a way to try again. */
export function failedPanel(failure: unknown, what: string, retry: () => void): HTMLElement {
  if (!(failure instanceof ApiFailure)) {
    const message = failure instanceof Error ? failure.message : String(failure);
    return statePanel('failed', `${what} failed`, h('p', {}, 'This page has a fault of its own; your query and the system may be fine.'),
      h('p', { class: 'said' }, message), retryButton(retry));
  }
  if (failure.fault === 'key') return keyPanel(failure, retry);
  const [title, explanation] = texts(failure, what);
  return statePanel('failed', title, h('p', {}, explanation),
    h('p', { class: 'said' }, failure.message),
    h('p', { class: 'dim' }, failure.status > 0 ? `Status ${failure.status} of ` : 'No answer from ', h('code', {}, failure.url)),
    retryButton(retry));
}

/** A line above content that is not all there is. */
export function notice(title: string, texts: readonly string[]): HTMLElement {
  return h('div', { class: 'notice', role: 'status' }, icon('error'),
    h('div', {}, h('strong', {}, title), texts.length === 1 ? ` ${texts[0]}` : h('ul', {}, texts.map((text) => h('li', {}, text)))));
}

function texts(failure: ApiFailure, what: string): [string, string] {
  switch (failure.fault) {
    case 'unreachable':
      return ['The system does not answer', `${what} could not even be asked for: the program is not running, or the network between it and this browser is interrupted. Your query is not at fault.`];
    case 'query':
      return ['The system does not accept this query', 'Change the query; sending the same again will give the same answer.'];
    case 'missing':
      return ['Not found', 'The system has nothing under this address.'];
    default:
      return [`${what} failed in the system`, 'Your query is right; the system could not answer it. Try again in a moment.'];
  }
}

function keyPanel(failure: ApiFailure, retry: () => void): HTMLElement {
  const input = h('input', { type: 'password', name: 'key', autocomplete: 'off', required: true, 'aria-label': 'Function key' });
  const isWrong = functionKey.get() !== '';
  return statePanel('failed', isWrong ? 'The system refuses this key' : 'The system asks for a key',
    h('p', {}, 'Its query functions are protected. Enter a function key or host key of the function app; it is kept in this tab only and sent as a header.'),
    h('form', { class: 'inline', onsubmit: submit }, input, h('button', { class: 'primary' }, 'Use this key')),
    h('p', { class: 'dim' }, `Status ${failure.status} of `, h('code', {}, failure.url)));

  function submit(event: Event): void {
    event.preventDefault();
    functionKey.set(input.value.trim());
    retry();
  }
}

function retryButton(retry: () => void): HTMLElement {
  return h('p', {}, h('button', { type: 'button', class: 'primary', onclick: retry }, icon('refresh'), 'Try again'));
}
