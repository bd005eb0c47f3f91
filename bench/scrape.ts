// What a scrape costs: our text of 2,000 and of 10,000 series beside prom-client's own metrics that hold the same
// series, and our protobuf beside our text, in one process, in turns; and how long it holds up everything else.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { systemClock } from '../src/app/clock.js';
import { Scrapes } from '../src/app/scrape.js';
import { metricFormats } from '../src/exposition/formats.js';
import type { MetricsWriter } from '../src/exposition/metrics-writer.js';
import { RowWalker } from '../src/exposition/row-walker.js';
import type { MetricRow } from '../src/metrics/define.js';
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
import { stateOf, viewOf } from './support/scraped-state.js';

const ROUNDS = isShort() ? 3 : 15;
const WARM_UP_ROUNDS = 2;
const RENDERS_PER_ROUND = 20;
const BLOCK_MS_MAX = 15;

publish(await compare({ strategies: 11, ratioMax: 1.3, protobufRatioMax: undefined }));
publish(await compare({ strategies: 71, ratioMax: 0.5, protobufRatioMax: 1.2 }));

/** `strategies`: about 135 series each, beside some 670 that are always there. */
async function compare(given: {
  readonly strategies: number;
  readonly ratioMax: number;
  readonly protobufRatioMax: number | undefined;
}): Promise<Comparison> {
  const view = viewOf(stateOf(given.strategies));
  const walker = new RowWalker(metricRows([]));
  const formats = metricFormats({ created: false });
  const [text, openMetrics, protobuf] = formats.map(({ writer }) => {
    return async () => void render(walker, view, writer);
  });
  const theirs = promClientRegistry(view);
  const lines = linesOf(render(walker, view, formats[0].writer).toString());
  if (lines.join('\n') !== linesOf(await theirs.metrics()).join('\n')) {
    throw new Error('bench: the two show other lines');
  }
  const series = lines.filter((line) => !line.startsWith('#')).length;

  const scrapes = new Scrapes({
    walker,
    view: () => view,
    foreign: () => Promise.resolve([]),
    clock: systemClock,
  });
  const nothing = (): Promise<void> => Promise.resolve();
  const renderings = [text, () => theirs.metrics(), openMetrics, protobuf].map((given) => ({
    render: given ?? nothing,
    millis: [] as number[],
  }));
  const blocks: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    // Another one begins every time, so that none always meets what another left behind.
    for (let n = 0; n < renderings.length; n += 1) {
      const turn = renderings[(n + round + WARM_UP_ROUNDS) % renderings.length];
      if (turn === undefined) continue;
      const millis = await timed(turn.render);
      if (round >= 0) turn.millis.push(millis);
    }
    const block = await longestBlock(() => Promise.all(formats.map((one) => scrapes.render(one))));
    if (round >= 0) blocks.push(block);
  }
  const [ours = [], promClient = [], ofOpenMetrics = [], ofProtobuf = []] = renderings.map(
    ({ millis }) => millis,
  );
  const limits = blocks.map(() => BLOCK_MS_MAX);
  return {
    name: `A scrape of ${series} series, processor time`,
    contestants: [
      { name: 'text', unit: 'ms', values: ours },
      { name: 'prom-client', unit: 'ms', values: promClient },
      { name: 'OpenMetrics', unit: 'ms', values: ofOpenMetrics },
      { name: 'protobuf', unit: 'ms', values: ofProtobuf },
      { name: 'longest block', unit: 'ms', values: blocks },
    ],
    limits: [
      ratioOf('text / prom-client', ours, promClient, given.ratioMax),
      ratioOf('protobuf / text', ofProtobuf, ours, given.protobufRatioMax),
      ratioOf(`longest block / ${BLOCK_MS_MAX} ms`, blocks, limits, 1),
    ],
    notes: [
      'longest block: of the event loop, while all three formats are scraped at once',
      `memory of this process: ${rssMegabytes(process.pid).toFixed(0)} MB`,
    ],
  };
}

function render(walker: RowWalker, view: MetricsView, writer: MetricsWriter): Buffer {
  const writing = writer.write(walker.read(view));
  for (;;) {
    const step = writing.next();
    if (step.done === true) return Buffer.concat(step.value);
  }
}

/** Milliseconds of all threads of this process, for one scrape: what it leaves to be collected is part of it. */
async function timed(scrape: () => Promise<unknown>): Promise<number> {
  const before = cpuMicros(process.pid);
  for (let i = 0; i < RENDERS_PER_ROUND; i += 1) await scrape();
  return (cpuMicros(process.pid) - before) / 1000 / RENDERS_PER_ROUND;
}

/** The longest time, in milliseconds, that passed between two turns of the event loop. */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longestMs = 0;
  let lastMs = performance.now();
  let isOver = false;
  const turn = (): void => {
    const nowMs = performance.now();
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
