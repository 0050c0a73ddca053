import { hueOf } from '../model/colours.ts';
import type { TraceTree } from '../model/trace.ts';
import { h } from '../ui/element.ts';
import type { TimeRange } from './waterfall.ts';

const height = 56; // px
const leastDrag = 0.005; // of the width: less is a click

/** The whole trace drawn small. Dragging over a part of the time shows only that; a click shows everything again. */
export class Minimap {
  readonly element: HTMLElement;
  readonly #tree: TraceTree;
  readonly #canvas = h('canvas', { height, 'aria-hidden': 'true' });
  readonly #window = h('div', { class: 'window', hidden: true });

  constructor(tree: TraceTree, onZoom: (range: TimeRange | null) => void) {
    this.#tree = tree;
    this.element = h('div', { class: 'minimap', title: 'Drag to look at a part of the time; click to see all of it' }, this.#canvas, this.#window);
    this.element.addEventListener('pointerdown', (down) => this.#drag(down, onZoom));
    new ResizeObserver(() => this.#draw()).observe(this.element);
    // An element that is off the page must not be kept by a listener.
    const redraw = () => (this.element.isConnected ? this.#draw() : removeEventListener('themechange', redraw));
    addEventListener('themechange', redraw);
  }

  show(range: TimeRange | null): void {
    this.#window.hidden = range === null;
    if (range === null) return;
    this.#window.style.setProperty('--left', `${range.from * 100}%`);
    this.#window.style.setProperty('--width', `${(range.to - range.from) * 100}%`);
  }

  #drag(down: PointerEvent, onZoom: (range: TimeRange | null) => void): void {
    down.preventDefault();
    this.element.setPointerCapture(down.pointerId);
    const box = this.element.getBoundingClientRect();
    const at = (event: PointerEvent) => Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    const first = at(down);
    let range: TimeRange | null = null;
    const move = (event: PointerEvent) => {
      const x = at(event);
      range = Math.abs(x - first) < leastDrag ? null : { from: Math.min(first, x), to: Math.max(first, x) };
      this.show(range);
    };
    this.element.addEventListener('pointermove', move);
    this.element.addEventListener('lostpointercapture', () => {
      this.element.removeEventListener('pointermove', move);
      onZoom(range);
    }, { once: true });
  }

  #draw(): void {
    const ratio = devicePixelRatio;
    const width = this.element.clientWidth;
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    const context = this.#canvas.getContext('2d');
    if (!context || width === 0) return;
    context.scale(ratio, ratio);
    const style = getComputedStyle(this.element);
    const isDark = style.getPropertyValue('--is-dark').trim() === '1';
    const bad = style.getPropertyValue('color');
    const { spans, start, duration } = this.#tree;
    const line = Math.min((height - 4) / spans.length, 6);
    spans.forEach((node, i) => {
      context.fillStyle = node.isError ? bad : `oklch(${isDark ? '0.72 0.12' : '0.6 0.13'} ${hueOf(node.service)})`;
      context.fillRect((node.span.startTime - start) / Math.max(duration, 1) * width, 2 + i * line, Math.max(node.span.duration / Math.max(duration, 1) * width, 1), Math.max(line * 0.75, 0.5));
    });
  }
}
