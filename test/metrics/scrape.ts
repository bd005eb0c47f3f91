/** Events in, text out: what a scrape of a registry with our metrics in it shows. */
import type { HealingEvent } from '../../src/core/event.js';
import type { LiveState } from '../../src/core/state/live-state.js';
import { registerMetrics, type RegisterOptions } from '../../src/exposition/prometheus/register.js';
import { createRegistry } from '../../src/exposition/prometheus/registry.js';
import { SelfCounts } from '../../src/metrics/self-counts.js';
import type { MetricsView } from '../../src/metrics/view.js';
import { at, fold } from '../support/events.js';

/** A view as of half a minute after the fixed moment, of a store that is empty and well. */
export function viewOf(state: LiveState, more: Partial<MetricsView> = {}): MetricsView {
  return {
    nowMs: at(30),
    state,
    report: undefined,
    self: new SelfCounts(),
    store: { events: 0, bytes: 0, walBytes: 0, corruptEvents: 0, missingEvents: 0 },
    build: { version: '0.1.0', revision: 'abc1234', nodeVersion: 'v20.20.2' },
    startedMs: at(0),
    ...more,
  };
}

/** The whole exposition. */
export function render(view: MetricsView, options: RegisterOptions = {}): Promise<string> {
  const registry = createRegistry();
  registerMetrics(registry, () => view, options);
  return registry.metrics();
}

/** One family of an exposition, HELP and TYPE included. */
export function familyOf(text: string, name: string): string {
  const found = text.split('\n\n').find((family) => family.startsWith(`# HELP ${name} `));
  return found?.trimEnd() ?? `no family named ${name}`;
}

/** What these events, folded in this order, show of one family. */
export async function scrape(
  events: readonly HealingEvent[],
  name: string,
  more: Partial<MetricsView> = {},
): Promise<string> {
  const view = viewOf(fold(events).state, more);
  return familyOf(await render(view, { optIns: ['agents', 'circuits'] }), name);
}

export function lines(...all: readonly string[]): string {
  return all.join('\n');
}

export interface Sample {
  readonly family: string;
  readonly type: string;
  /** Name and labels: what tells one series from another. */
  readonly series: string;
  readonly value: number;
}

/** The samples of an exposition. Throws at a line that is none. */
export function samplesOf(text: string): Sample[] {
  const samples: Sample[] = [];
  let family = '';
  let type = '';
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    if (line.startsWith('# TYPE ')) {
      [, , family = '', type = ''] = line.split(' ');
      continue;
    }
    const match = /^([a-z_:]+(?:\{.*\})?) (\S+)$/.exec(line);
    if (match === null) throw new Error(`no sample: ${line}`);
    samples.push({ family, type, series: match[1] ?? '', value: Number(match[2]) });
  }
  return samples;
}
