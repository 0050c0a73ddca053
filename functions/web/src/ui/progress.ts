import { h } from './element.ts';

const patience = 150; // ms: what is quicker would only flicker

/** A bar below the page's header, with a line of text that says what is being waited for. */
export class Progress {
  readonly element = h('div', { class: 'progress', role: 'progressbar', 'aria-label': 'Loading', hidden: true });
  readonly text = h('span', { class: 'progress-text', 'aria-live': 'polite' });
  #timer = 0;

  /** Begins; the bar shows when it takes long enough to be noticed. */
  start(text: string): void {
    clearTimeout(this.#timer);
    this.update(null, text);
    this.#timer = setTimeout(() => (this.element.hidden = false), patience);
  }

  /** @param fraction of the whole, or null when that is not known. */
  update(fraction: number | null, text: string): void {
    this.element.classList.toggle('unknown', fraction === null);
    this.element.style.setProperty('--done', `${Math.round((fraction ?? 0) * 100)}%`);
    if (fraction === null) this.element.removeAttribute('aria-valuenow');
    else this.element.setAttribute('aria-valuenow', String(Math.round(fraction * 100)));
    this.text.textContent = text;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.element.hidden = true;
    this.text.textContent = '';
  }
}
