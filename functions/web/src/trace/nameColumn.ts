import { h } from '../ui/element.ts';

const storageName = 'name-column';
const [least, most, step] = [15, 75, 2]; // percent of the waterfall's width
const usual = 38;

/** The handle between names and bars: dragged, or moved with the arrow keys; its place is remembered. */
export class NameColumn {
  readonly handle = h('div', {
    class: 'column-handle', role: 'separator', tabindex: '0', 'aria-orientation': 'vertical', 'aria-label': 'Width of the names',
    'aria-valuemin': least, 'aria-valuemax': most,
  });
  #percent = Number(localStorage.getItem(storageName)) || usual;

  attach(waterfall: HTMLElement): void {
    const place = (percent: number) => {
      this.#percent = Math.min(Math.max(percent, least), most);
      waterfall.style.setProperty('--names', String(this.#percent));
      this.handle.setAttribute('aria-valuenow', String(Math.round(this.#percent)));
      localStorage.setItem(storageName, String(this.#percent));
    };
    this.handle.addEventListener('pointerdown', (down) => {
      down.preventDefault();
      this.handle.setPointerCapture(down.pointerId);
      const box = waterfall.getBoundingClientRect();
      const drag = (event: PointerEvent) => place((event.clientX - box.left) / box.width * 100);
      this.handle.addEventListener('pointermove', drag);
      this.handle.addEventListener('lostpointercapture', () => this.handle.removeEventListener('pointermove', drag), { once: true });
    });
    this.handle.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      event.preventDefault();
      place(this.#percent + (event.key === 'ArrowLeft' ? -step : step));
    });
    place(this.#percent);
  }
}
