import { getBreaks } from '../api/client.ts';
import type { Break, Fragment, Verdict } from '../api/query.ts';
import { formatDuration } from '../model/durations.ts';
import { microsecondsOf } from '../model/nanoseconds.ts';
import { formatTime } from '../model/times.ts';
import { inOrder, isTrouble, verdictMeaning, verdictName } from '../model/verdicts.ts';
import { hueOf } from '../model/colours.ts';
import { fill, h, type Child } from '../ui/element.ts';
import { icon } from '../ui/icons.ts';
import { plural, serviceChip } from '../ui/serviceChip.ts';

/** What the system says of the trace as a whole, each verdict with its evidence a click away. */
export class Findings {
  readonly element = h('section', { class: 'findings', 'aria-label': 'Verdict', hidden: true });
  readonly #traceId: string;
  readonly #signal: AbortSignal;
  readonly #goTo: (spanId: string) => void;
  readonly #evidence = h('div', { class: 'evidence', hidden: true });
  #open = '';

  /** @param goTo the user wants to see a span of the trace. */
  constructor(traceId: string, signal: AbortSignal, goTo: (spanId: string) => void) {
    this.#traceId = traceId;
    this.#signal = signal;
    this.#goTo = goTo;
  }

  show(verdicts: readonly Verdict[]): void {
    const byKind = new Map(verdicts.map((verdict) => [verdict.kind, verdict]));
    const shown = inOrder([...byKind.keys()]).map((kind) => byKind.get(kind)!);
    fill(this.element, h('div', { class: 'line' }, h('span', { class: 'dim' }, 'Verdict'), shown.map((verdict) => this.#tag(verdict))), this.#evidence);
    this.element.hidden = shown.length === 0;
    const torn = byKind.get('propagation_broken');
    if (torn) this.#toggle(torn);
  }

  #tag(verdict: Verdict): HTMLElement {
    const name = verdictName(verdict.kind);
    const meaning = verdictMeaning(verdict.kind);
    if (verdict.evidenceCount === 0)
      return h('span', { class: isTrouble(verdict.kind) ? 'tag trouble' : 'tag', title: meaning }, verdict.kind === 'complete' && icon('check'), name);
    return h('button', {
      type: 'button', class: isTrouble(verdict.kind) ? 'tag trouble' : 'tag', title: meaning, 'data-kind': verdict.kind, 'aria-expanded': 'false',
      onclick: () => this.#toggle(verdict),
    }, name, ' ', h('span', { class: 'count' }, verdict.evidenceCount));
  }

  #toggle(verdict: Verdict): void {
    this.#open = this.#open === verdict.kind ? '' : verdict.kind;
    for (const button of this.element.querySelectorAll('button[data-kind]'))
      button.setAttribute('aria-expanded', String(button.getAttribute('data-kind') === this.#open));
    this.#evidence.hidden = this.#open === '';
    if (this.#open === '') return;
    const more = verdict.evidenceCount - verdict.evidence.length;
    const list = h('ul', { class: 'plain-list' }, verdict.evidence.map((evidence) => h('li', {},
      evidence.text,
      evidence.likelySender ? h('span', { class: 'dim' }, ` It should have come from ${evidence.likelySender}.`) : null,
      evidence.spanId ? [' ', h('button', { type: 'button', class: 'link', onclick: () => this.#goTo(evidence.spanId!) }, 'Show the span')] : null)));
    fill(this.#evidence, h('p', { class: 'dim' }, verdictMeaning(verdict.kind)), list,
      more > 0 && h('p', { class: 'dim' }, `and ${more.toLocaleString('en')} more`));
    if (verdict.kind === 'propagation_broken') void this.#showBreaks(list);
  }

  async #showBreaks(list: HTMLElement): Promise<void> {
    const place = h('p', { class: 'dim' }, 'Looking for the other traces …');
    list.after(place);
    try {
      const breaks = await getBreaks(this.#traceId, this.#signal);
      if (breaks.length > 0) list.remove();
      place.replaceWith(h('div', { class: 'breaks' }, breaks.map((found) => this.#break(found))));
    } catch (e) {
      if (!this.#signal.aborted) fill(place, `The other traces could not be read: ${e instanceof Error ? e.message : String(e)}`);
    }
  }

  #break(found: Break): HTMLElement {
    return h('article', { class: 'break' },
      h('p', {}, icon('error'), h('strong', {}, found.service), ' does not forward the trace headers.'),
      h('div', { class: 'sides' },
        this.#side('It received this call', found.received),
        h('span', { class: 'torn', 'aria-hidden': 'true' }, icon('chevron')),
        this.#side('and began a new trace with this one', found.opened)));
  }

  #side(title: string, { call, trace }: Fragment): HTMLElement {
    const isHere = call.traceId === this.#traceId;
    const start = microsecondsOf(call.startUnixNano);
    return h('section', { class: isHere ? 'side here' : 'side', '--hue': hueOf(call.service) },
      h('h3', { class: 'dim' }, title),
      h('p', {}, h('span', { class: 'dot', 'aria-hidden': 'true' }), h('strong', {}, call.service), ' ', h('span', { class: 'operation' }, call.operation || '(no name)')),
      h('p', { class: 'dim' }, formatTime(start, Date.now()), call.instance ? `, instance ${call.instance}` : ''),
      h('p', {}, this.#link(isHere, call.traceId, call.spanId)),
      trace === null ? h('p', { class: 'dim' }, 'This trace is gone.') : this.#summary(trace));
  }

  #link(isHere: boolean, traceId: string, spanId: string): Child {
    return isHere
      ? h('button', { type: 'button', class: 'link', onclick: () => this.#goTo(spanId) }, 'in this trace')
      : h('a', { href: `/trace/${traceId}?span=${spanId}`, class: 'mono' }, `trace ${traceId}`);
  }

  #summary(trace: NonNullable<Fragment['trace']>): Child {
    return [
      h('p', { class: 'dim' }, `${plural(trace.spans, 'span')}, ${formatDuration(trace.durationNs / 1e3)}`, trace.errors > 0 && `, ${plural(trace.errors, 'error')}`),
      h('div', { class: 'chips' }, trace.services.slice(0, 8).map(serviceChip)),
    ];
  }
}
