// What a scrape costs: our rendering of 2,000 and of 10,000 series beside prom-client's own metrics that hold
// the same series, in one process, in turns.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { deriveGauges } from '../src/analysis/derived.js';
import type { HealingEvent } from '../src/core/event.js';
import { LiveState } from '../src/core/state/live-state.js';
import { registerMetrics } from '../src/exposition/prometheus/register.js';
import { createRegistry } from '../src/exposition/prometheus/registry.js';
import type { MetricRow } from '../src/metrics/define.js';
import { SelfCounts } from '../src/metrics/self-counts.js';
import { metricRows } from '../src/metrics/table.js';
import type { MetricsView } from '../src/metrics/view.js';
import {
  cpuMicros,
  isShort,
  publish,
  ratioOf,
  rssMegabytes,
  type Comparison,
} from './support/measure.js';

const ROUNDS = isShort() ? 3 : 15;
const WARM_UP_ROUNDS = 2;
const RENDERS_PER_ROUND = 20;
const START_MS = Date.UTC(2026, 10, 23);

publish(await compare({ strategies: 11, ratioMax: 1.3 }));
publish(await compare({ strategies: 71, ratioMax: undefined }));

/** `strategies`: about 135 series each, beside some 670 that are always there. */
async function compare(given: {
  readonly strategies: number;
  readonly ratioMax: number | undefined;
}): Promise<Comparison> {
  const view = viewOf(stateOf(given.strategies));
  const ours = createRegistry();
  registerMetrics(ours, () => view);
  const theirs = promClientRegistry(view);
  const series = seriesOf(await ours.metrics());
  const same = seriesOf(await theirs.metrics());
  if (series.join('\n') !== same.join('\n')) throw new Error('bench: the two show other series');

  const millis = { ours: [] as number[], theirs: [] as number[] };
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    const oursFirst = round % 2 === 0;
    const first = await timed(oursFirst ? ours : theirs);
    const second = await timed(oursFirst ? theirs : ours);
    if (round < 0) continue;
    millis.ours.push(oursFirst ? first : second);
    millis.theirs.push(oursFirst ? second : first);
  }
  return {
    name: `A scrape of ${series.length} series, processor time`,
    contestants: [
      { name: 'exporter', unit: 'ms', values: millis.ours },
      { name: 'prom-client', unit: 'ms', values: millis.theirs },
    ],
    limits: [ratioOf('exporter / prom-client', millis.ours, millis.theirs, given.ratioMax)],
    notes: [`memory of this process: ${rssMegabytes(process.pid).toFixed(0)} MB`],
  };
}

/** Milliseconds of all threads of this process, for one scrape: what it leaves to be collected is part of it. */
async function timed(registry: { metrics(): Promise<string> }): Promise<number> {
  const before = cpuMicros(process.pid);
  for (let i = 0; i < RENDERS_PER_ROUND; i += 1) await registry.metrics();
  return (cpuMicros(process.pid) - before) / 1000 / RENDERS_PER_ROUND;
}

/** Each strategy is registered for one type, and has failed once and succeeded once. */
function stateOf(strategies: number): LiveState {
  const state = new LiveState();
  const apply = (event: HealingEvent): void => {
    state.apply({ seq: state.seq + 1, input: 'http', receivedMs: event.timeMs, event });
  };
  for (let i = 0; i < strategies; i += 1) {
    const about = { source: '/bench', timeMs: START_MS + i * 1000 };
    const strategy = `Strategy${i}`;
    const failureType = `failure_type_${i}`;
    const type = 'selfhealer.strategy.registered';
    apply({ ...about, id: `r${i}`, type, strategy, failureTypes: [failureType] });
    for (const [n, outcome] of (['failed', 'succeeded'] as const).entries()) {
      apply({
        ...about,
        id: `c${i}-${n}`,
        type: 'selfhealer.healing.completed',
        failureId: `f${i}`,
        strategy,
        outcome,
        durationMs: 153 + i + n,
        actions: [],
        failureType,
        agentId: `agent-${i}`,
        severity: 'high',
        reason: undefined,
        trigger: 'reactive',
      });
    }
  }
  return state;
}

function viewOf(state: LiveState): MetricsView {
  return {
    nowMs: START_MS,
    state,
    report: deriveGauges(state, START_MS),
    self: new SelfCounts(),
    store: { events: 1, bytes: 1, walBytes: 1, corruptEvents: 0, missingEvents: 0 },
    build: { version: '0.1.0', revision: 'bench', nodeVersion: process.version },
    startedMs: START_MS,
  };
}

/** prom-client's own metrics with the series of ours in them. Sums of histograms differ; their lines do not. */
function promClientRegistry(view: MetricsView): Registry {
  const registry = new Registry();
  for (const [name, row] of Object.entries(metricRows([]))) fill(registry, name, row, view);
  return registry;
}

function fill(registry: Registry, name: string, row: MetricRow, view: MetricsView): void {
  const given = {
    name,
    help: row.help,
    labelNames: Object.keys(row.labels),
    registers: [registry],
  };
  if (row.kind === 'histogram') {
    const metric = new Histogram({ ...given, buckets: [...row.buckets] });
    row.read(view, (labels, value) => {
      metric.zero(labels);
      for (const [i, count] of (value?.counts ?? []).entries()) {
        const bound = row.buckets[i] ?? Number.MAX_SAFE_INTEGER;
        for (let n = 0; n < count; n += 1) metric.observe(labels, bound);
      }
    });
  } else if (row.kind === 'counter') {
    const metric = new Counter(given);
    row.read(view, (labels, value) => {
      metric.inc(labels, value);
    });
  } else {
    const metric = new Gauge(given);
    // Without labels prom-client shows 0 where ours shows nothing.
    if (Object.keys(row.labels).length === 0) metric.remove({});
    row.read(view, (labels, value) => {
      if (value !== undefined) metric.set(labels, value);
    });
  }
}

/** Names and labels, in a fixed order. */
function seriesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')))
    .sort();
}
