import { LedgerView } from './ledger/ledgerView.ts';
import { readTraceId } from './model/traceIds.ts';
import { SearchView } from './search/searchView.ts';
import { TraceView } from './trace/traceView.ts';
import { fill, h } from './ui/element.ts';
import { isTaken, showShortcuts, type KeyHelp } from './ui/shortcuts.ts';
import { statePanel } from './ui/states.ts';
import { themeButton } from './ui/theme.ts';

/** What fills the page below its header. */
export interface View {
  readonly element: HTMLElement;
  readonly keys: KeyHelp;
  /** Called when the element is on the page. */
  start(): void;
  /** Called before it is taken off. */
  stop(): void;
  onKey(event: KeyboardEvent): void;
}

/** Goes to another address of this page without loading it anew. */
export type Navigate = (address: string) => void;

/** Shows the view of the address, now and whenever it changes. */
export function startPage(page: HTMLElement): void {
  const content = h('main', { id: 'content', tabindex: '-1' });
  let view: View | null = null;
  page.append(header(navigate, () => view && showShortcuts(view.keys)), content);
  addEventListener('popstate', show);
  document.addEventListener('click', followLink);
  document.addEventListener('keydown', (event) => {
    if (isTaken(event)) return;
    if (event.key !== '?') return view?.onKey(event);
    event.preventDefault();
    if (view) showShortcuts(view.keys);
  });
  show();

  function navigate(address: string): void {
    history.pushState(null, '', address);
    show();
  }

  function show(): void {
    view?.stop();
    view = viewOf(location.pathname, navigate);
    markCurrent(page);
    fill(content, view?.element ?? statePanel('empty', 'There is no such page', h('p', {}, h('a', { href: '/' }, 'Search traces'))));
    view?.start();
  }

  function followLink(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link?.href || link.target || link.origin !== location.origin || event.button !== 0 || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.pathname.startsWith('/api/')) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  }
}

function viewOf(path: string, navigate: Navigate): View | null {
  if (path === '/' || path === '/search') return new SearchView(navigate);
  if (path === '/ledger') return new LedgerView(navigate);
  const trace = /^\/trace\/([^/]+)\/?$/.exec(path);
  return trace ? new TraceView(decodeURIComponent(trace[1]!)) : null;
}

function markCurrent(page: HTMLElement): void {
  for (const link of page.querySelectorAll('.top nav a')) {
    const isCurrent = link.getAttribute('href') === location.pathname || (link.getAttribute('href') === '/' && location.pathname === '/search');
    if (isCurrent) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function header(navigate: Navigate, help: () => void): HTMLElement {
  const input = h('input', {
    type: 'text', name: 'trace', class: 'mono', placeholder: 'Trace id or traceparent', 'aria-label': 'Go to a trace by its id', autocomplete: 'off',
    spellcheck: 'false', oninput: () => input.setCustomValidity(''),
  });
  return h('header', { class: 'top' },
    h('a', { class: 'skip', href: '#content', onclick: skip }, 'Skip to the content'),
    h('a', { class: 'brand', href: '/' }, h('span', { class: 'logo', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')), 'Traces'),
    h('nav', { 'aria-label': 'Views' }, h('a', { href: '/' }, 'Search'), h('a', { href: '/ledger' }, 'Ledger')),
    h('span', { class: 'grow' }),
    h('form', { class: 'go', role: 'search', onsubmit: go }, input, h('button', {}, 'Go')),
    h('button', { type: 'button', class: 'plain', 'aria-label': 'Keyboard shortcuts', title: 'Keyboard shortcuts (?)', onclick: help }, '?'),
    themeButton());

  function skip(event: Event): void {
    event.preventDefault();
    document.getElementById('content')?.focus();
  }

  function go(event: Event): void {
    event.preventDefault();
    const id = readTraceId(input.value);
    if (id === null) {
      input.setCustomValidity('A trace id is 1 to 32 hexadecimal digits, such as 4bf92f3577b34da6a3ce929d0e0e4736. A traceparent header does as well.');
      input.reportValidity();
      return;
    }
    input.value = '';
    navigate(`/trace/${id}`);
  }
}
