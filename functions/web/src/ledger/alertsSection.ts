import type { Alert, ProbesAnswer } from '../api/ledger.ts';
import { formatDuration } from '../model/durations.ts';
import { formatAgo } from '../model/times.ts';
import { h, type Child } from '../ui/element.ts';

/** What is pending or firing, the worst first. */
export function alertsSection(alerts: readonly Alert[]): HTMLElement {
  const order = (alert: Alert) => (alert.state === 'firing' ? 0 : 2) + (alert.labels.severity === 'critical' ? 0 : 1);
  return h('section', { 'aria-label': 'Alerts' }, h('h2', {}, 'Alerts'),
    alerts.length === 0
      ? h('p', { class: 'dim' }, 'No alert is pending or firing.')
      : h('ul', { class: 'alerts' }, alerts.toSorted((a, b) => order(a) - order(b)).map((alert) => h('li', { class: `alert ${alert.state} ${alert.labels.severity ?? ''}` },
        h('span', { class: 'tag' }, alert.state), ' ', h('strong', {}, alert.labels.alertname ?? ''), ' ', alert.annotations.summary ?? '',
        ' ', since(alert), runbook(alert)))));
}

/** How the system's own test traces fare. */
export function probesSection(probes: ProbesAnswer): HTMLElement {
  return h('section', { 'aria-label': 'Probes' }, h('h2', {}, 'Probes'), h('p', { class: probes.isEnabled ? '' : 'dim' }, probeText(probes)));
}

function probeText(probes: ProbesAnswer): string {
  if (!probes.isEnabled) return 'The prober is off; the setting Tracing:Probe:Url turns it on.';
  if (probes.finished === 0) return 'The first probes are under way.';
  const visible = probes.visibleSeconds.p50 === null ? '' : `; visible after ${formatDuration(probes.visibleSeconds.p50 * 1e6)} (p50)`;
  return `${probes.complete} of the last ${probes.finished} probes came back complete${visible}.`;
}

function since(alert: Alert): Child {
  return alert.activeAt ? h('span', { class: 'dim' }, `since ${formatAgo(new Date(alert.activeAt).getTime() * 1e3, Date.now()).replace(' ago', '')}`) : null;
}

function runbook(alert: Alert): Child {
  const url = alert.annotations.runbook_url;
  return url && /^https?:/.test(url) ? [' ', h('a', { href: url, target: '_blank', rel: 'noopener' }, 'Runbook')] : null;
}
