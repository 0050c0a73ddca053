import { functionKey, getText } from '../api/client.ts';
import { h } from './element.ts';

/** A link to what an API answers, in a tab of its own; with the key that a system which asks for keys needs, and a plain link cannot send. */
export function apiLink(text: string, href: string, className = ''): HTMLElement {
  return h('a', { class: className, href, target: '_blank', rel: 'noopener', onclick: open }, text);

  function open(event: Event): void {
    if (functionKey.get() === '') return;
    event.preventDefault();
    const target = window.open('', '_blank');
    void getText(href, new AbortController().signal)
      .catch((e: unknown) => String(e))
      .then((json) => target?.location.replace(URL.createObjectURL(new Blob([json], { type: 'application/json' }))));
  }
}
