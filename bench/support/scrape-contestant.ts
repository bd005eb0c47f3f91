// One way to a scrape, in a process of its own: our text, OpenMetrics or protobuf, prom-client's own metrics that hold the
// same series, or all three of ours at once and how long that holds up everything else. Started with the name of the way and
// a number of strategies.
import { createHash } from 'node:crypto';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { systemClock } from '../../src/app/clock.js';
import { Scrapes } from '../../src/app/scrape.js';
import { metricFormats } from '../../src/exposition/formats.js';
import type { MetricsWriter } from '../../src/exposition/metrics-writer.js';
import { RowWalker } from '../../src/exposition/row-walker.js';
import type { MetricRow } from '../../src/metrics/define.js';
import { metricRows } from '../../src/metrics/table.js';
import type { MetricsView } from '../../src/metrics/view.js';
import { waitedMillis } from './measure.js';
import { stateOf, viewOf } from './scraped-state.js';
import { offer, type Work } from './turns.js';

const RENDERS_PER_TURN = 20;

const [, , name = '', strategies = ''] = process.argv;
const view = viewOf(stateOf(Number(strategies)));
const walker = new RowWalker(metricRows([]));
const formats = metricFormats({ created: false });
const [text, openMetrics, protobuf] = formats.map(({ writer }) => writer);

/** Made in a process that needs it only: whatever else lies in the memory makes collecting dearer. */
const WAYS: Readonly<Record<string, () => Work['turn']>> = {
  text: () => repeated(() => render(text)),
  'prom-client': () => {
    const registry = promClientRegistry(view);
    return repeated(() => registry.metrics());
  },
  openmetrics: () => repeated(() => render(openMetrics)),
  protobuf: () => repeated(() => render(protobuf)),
  block: longestBlockOfAll,
};
const turn = WAYS[name]?.();
if (turn === undefined) throw new Error(`bench: no way to a scrape is called ${name}`);

const shown =
  name === 'prom-client' ? await promClientRegistry(view).metrics() : render(text).toString();
const lines = linesOf(shown);
offer({
  about: {
    series: lines.filter((line) => !line.startsWith('#')).length,
    digest: createHash('sha256').update(lines.join('\n')).digest('hex'),
    renders: RENDERS_PER_TURN,
  },
  turn,
});

/** What a scrape leaves to be collected is part of its cost: nothing is collected for it beforehand. */
function repeated(scrape: () => unknown): Work['turn'] {
  return async () => {
    for (let i = 0; i < RENDERS_PER_TURN; i += 1) await scrape();
    return undefined;
  };
}

function render(writer: MetricsWriter | undefined): Buffer {
  if (writer === undefined) throw new Error('bench: a format is missing');
  const writing = writer.write(walker.read(view));
  for (;;) {
    const step = writing.next();
    if (step.done === true) return Buffer.concat(step.value);
  }
}

function longestBlockOfAll(): Work['turn'] {
  const scrapes = new Scrapes({
    walker,
    view: () => view,
    foreign: () => Promise.resolve([]),
    clock: systemClock,
  });
  return () => longestBlock(() => Promise.all(formats.map((one) => scrapes.render(one))));
}

/**
 * The longest time, in milliseconds, that passed between two turns of the event loop, but for what other processes had the
 * processor meanwhile.
 */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longestMs = 0;
  const heldMs = (): number => performance.now() - waitedMillis();
  let lastMs = heldMs();
  let isOver = false;
  const turn = (): void => {
    const nowMs = heldMs();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  turn();
  return longestMs;
}

/** prom-client's own metrics with the series of ours in them. */
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
        const zeros = i === 0 ? (value?.zeros ?? 0) : 0;
        for (let n = 0; n < count; n += 1) metric.observe(labels, n < zeros ? 0 : bound);
      }
    });
  } else if (row.kind === 'counter') {
    const metric = new Counter(given);
    removeUnknown(metric, row);
    row.read(view, (labels, value) => {
      if (value !== undefined) metric.inc(labels, value);
    });
  } else {
    const metric = new Gauge(given);
    removeUnknown(metric, row);
    row.read(view, (labels, value) => {
      if (value !== undefined) metric.set(labels, value);
    });
  }
}

/** Without labels prom-client shows 0 where ours shows nothing. */
function removeUnknown(metric: Counter | Gauge, row: MetricRow): void {
  if (Object.keys(row.labels).length === 0) metric.remove({});
}

/** In a fixed order, with what they say about their families. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}
