import { h } from './element.ts';

/** Keys and what they do, as the help shows them. */
export type KeyHelp = readonly (readonly [keys: string, does: string])[];

/** Shows the keys of a view in a dialog. */
export function showShortcuts(keys: KeyHelp): void {
  const dialog = h('dialog', { class: 'shortcuts', 'aria-labelledby': 'shortcuts-title', onclose: () => dialog.remove(), onclick: closeOutside },
    h('h2', { id: 'shortcuts-title' }, 'Keyboard shortcuts'),
    h('dl', {}, keys.map(([key, does]) => [
      h('dt', {}, key.split(' ').map((name) => h('kbd', {}, name))), h('dd', {}, does),
    ])),
    h('form', { method: 'dialog' }, h('button', { class: 'primary', autofocus: true }, 'Close')));
  document.body.append(dialog);
  dialog.showModal();

  function closeOutside(event: Event): void {
    if (event.target === dialog) dialog.close();
  }
}

/** Whether a key press belongs to something that takes text, a modal, or the browser. */
export function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  return event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented
    || target?.closest('input, select, textarea, dialog') !== null || document.querySelector('dialog[open]') !== null;
}
