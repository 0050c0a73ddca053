import { fill, h } from './element.ts';
import { icon } from './icons.ts';

const shownFor = 1500; // ms

/** A button that copies a text and says so. */
export function copyButton(text: string, what: string, label?: string): HTMLElement {
  const button = h('button', { type: 'button', class: label ? '' : 'plain small', title: `Copy ${what}`, 'aria-label': `Copy ${what}`, onclick: copy });
  show(false);
  return button;

  function show(isCopied: boolean): void {
    fill(button, icon(isCopied ? 'check' : 'copy'), label && (isCopied ? 'Copied' : label));
  }

  async function copy(event: Event): Promise<void> {
    event.stopPropagation();
    try {
      await navigator.clipboard.writeText(text);
      show(true);
    } catch {
      // Browsers refuse it on a page that came over plain HTTP from another machine.
      prompt(`Copy the ${what}:`, text);
    }
    setTimeout(() => show(false), shownFor);
  }
}
