// What a scrape costs: our rendering of about 2,000 series beside prom-client's own metrics holding the same
// series, in one process, in turns. `tsx bench/scrape.ts` prints a table and JSON.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { fileURLToPath } from 'node:url';
import type { HealingEvent } from '../src/core/event.js';
import { LiveState } from '../src/core/state/live-state.js';
import { registerMetrics } from '../src/exposition/prometheus/register.js';
import { createRegistry, renderText } from '../src/exposition/prometheus/registry.js';
import type { MetricRow } from '../src/metrics/define.js';
import { SelfCounts } from '../src/metrics/self-counts.js';
import { metricRows } from '../src/metrics/table.js';
import type { MetricsView } from '../src/metrics/view.js';

const ROUNDS = 15;
const RENDERS_PER_ROUND = 20;
const RATIO_MAX = 1.3;
const START_MS = Date.UTC(2026, 10, 23);

export interface BenchResult {
  readonly name: string;
  readonly rounds: number;
  readonly cases: readonly ScrapeCase[];
  /** Every case with a limit is within it. */
  readonly passed: boolean;
}

export interface ScrapeCase {
  readonly series: number;
  /** Medians over the rounds, milliseconds of CPU and wall time for one scrape. */
  readonly oursMs: number;
  readonly promClientMs: number;
  /** Median of the ratios of each round. */
  readonly ratio: number;
  readonly ratioMax: number | undefined;
}

/** Ours against prom-client's at about 2,000 series, which has a limit, and at about 10,000. */
export async function scrapeBench(): Promise<BenchResult> {
  const cases = [
    await measure({ strategies: 13, failureTypes: 13, ratioMax: RATIO_MAX }),
    await measure({ strategies: 86, failureTypes: 86, ratioMax: undefined }),
  ];
  const passed = cases.every(({ ratio, ratioMax }) => ratioMax === undefined || ratio <= ratioMax);
  return { name: 'scrape', rounds: ROUNDS, cases, passed };
}

interface Load {
  readonly strategies: number;
  readonly failureTypes: number;
  readonly ratioMax: number | undefined;
}

async function measure({ ratioMax, ...load }: Load): Promise<ScrapeCase> {
  const view = viewOf(stateOf(load));
  const ours = createRegistry();
  registerMetrics(ours, () => view);
  const theirs = promClientRegistry(view);
  const series = seriesOf(await renderText(ours));
  const same = seriesOf(await theirs.metrics());
  if (series.join('\n') !== same.join('\n')) throw new Error('bench: the two show other series');

  const rounds: { readonly oursMs: number; readonly promClientMs: number }[] = [];
  for (let round = -2; round < ROUNDS; round += 1) {
    const first = round % 2 === 0 ? ours : theirs;
    const second = round % 2 === 0 ? theirs : ours;
    const firstMs = await timed(first);
    const secondMs = await timed(second);
    if (round < 0) continue; // the first ones only warm up
    const [oursMs, promClientMs] = first === ours ? [firstMs, secondMs] : [secondMs, firstMs];
    rounds.push({ oursMs, promClientMs });
  }
  return {
    series: series.length,
    oursMs: median(rounds.map(({ oursMs }) => oursMs)),
    promClientMs: median(rounds.map(({ promClientMs }) => promClientMs)),
    ratio: median(rounds.map(({ oursMs, promClientMs }) => oursMs / promClientMs)),
    ratioMax,
  };
}

async function timed(registry: { metrics(): Promise<string> }): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < RENDERS_PER_ROUND; i += 1) await registry.metrics();
  return (performance.now() - start) / RENDERS_PER_ROUND;
}

/** Each strategy is registered for one type, and has failed once and succeeded once. */
function stateOf({ strategies, failureTypes }: Omit<Load, 'ratioMax'>): LiveState {
  const state = new LiveState();
  const apply = (event: HealingEvent): void => {
    state.apply({ seq: state.seq + 1, input: 'http', receivedMs: event.timeMs, event });
  };
  for (let i = 0; i < strategies; i += 1) {
    const about = { source: '/bench', timeMs: START_MS + i * 1000 };
    const strategy = `Strategy${i}`;
    const failureType = `failure_type_${i % failureTypes}`;
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
    report: undefined,
    self: new SelfCounts(),
    store: { events: 1, bytes: 1, walBytes: 1, corruptEvents: 0, missingEvents: 0 },
    build: { version: '0.1.0', revision: 'bench', nodeVersion: process.version },
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

function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.floor(ascending.length / 2)] ?? Number.NaN;
}

function table({ cases }: BenchResult): string {
  const rows = cases.map(({ series, oursMs, promClientMs, ratio, ratioMax }) => [
    String(series),
    oursMs.toFixed(2),
    promClientMs.toFixed(2),
    ratio.toFixed(2),
    ratioMax === undefined ? '-' : ratioMax.toFixed(2),
  ]);
  return [['series', 'ours ms', 'prom-client ms', 'ratio', 'at most'], ...rows]
    .map((cells) => cells.map((cell) => cell.padStart(14)).join(' '))
    .join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await scrapeBench();
  console.log(table(result));
  console.log(JSON.stringify(result, undefined, 2));
  if (!result.passed) process.exitCode = 1;
}
