/** The push through outages, restarts and receivers that misbehave, on a simulated clock. */
import { ExportResultCode } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMetricProducer } from '../../../src/exposition/otlp/metric-producer.js';
import { ProtobufRequestWriter } from '../../../src/exposition/otlp/protobuf-request.js';
import { RowWalker } from '../../../src/exposition/row-walker.js';
import type { Base } from '../../../src/exposition/otlp/delta-base.js';
import { RowExporter, type DeltaKinds } from '../../../src/app/push/row-exporter.js';
import type { Answer } from '../../../src/app/push/sender.js';
import type { LiveState } from '../../../src/core/state/live-state.js';
import { metricRows } from '../../../src/metrics/table.js';
import { dataPointsOf, decodePush, metricsOf } from '../../support/otlp-definitions.js';
import { completed, detected, fold } from '../../support/events.js';
import { viewOf } from '../../metrics/scrape.js';

const INTERVAL_MS = 60_000;
const DELTA: DeltaKinds = new Set(['counter', 'histogram']);
const rows = metricRows([]);

let bodies: Uint8Array[];
/** What the receiver does with a push: an answer, or none. */
let receiver: () => (Partial<Answer> & { readonly afterMs?: number }) | 'hangs' | 'lost';
let failures: string[];
let kept: Base | undefined;
let state: LiveState;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 24), toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  bodies = [];
  failures = [];
  kept = undefined;
  receiver = () => ({ status: 200 });
  state = fold([]).state;
});

afterEach(() => {
  vi.useRealTimers();
});

function exporterOf(deltaKinds: DeltaKinds = new Set(), timeoutMs?: number): RowExporter {
  return new RowExporter({
    sender: {
      place: 'http://receiver',
      timeoutMs: 10_000,
      send: (body, signal) => {
        const does = receiver();
        if (does === 'lost') return Promise.reject(new Error('ECONNREFUSED'));
        if (does === 'hangs') {
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('aborted')));
          });
        }
        const { status = 200, afterMs = 0 } = does;
        if (status === 200) bodies.push(Uint8Array.from(body));
        const answer = { status, reason: '', body: new Uint8Array(), retryAfter: undefined };
        return new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
          const given = (): void => resolve({ ...answer, ...does });
          if (afterMs === 0) given();
          else setTimeout(given, afterMs);
        });
      },
    },
    writer: new ProtobufRequestWriter(),
    deltaKinds,
    durationsAs: 'exponential',
    keeper: {
      load: () => kept,
      save: (base) => {
        kept = base;
        return Promise.resolve();
      },
    },
    intervalMs: INTERVAL_MS,
    timeoutMs,
    clock: { nowMs: () => Date.now(), monotonicMs: () => Date.now() },
    report: () => undefined,
    counts: { pushed: () => undefined, pushFailed: (code) => void failures.push(code) },
    leftOut: () => undefined,
  });
}

const producer = createMetricProducer({
  walker: new RowWalker(rows),
  view: () => viewOf(state, { nowMs: Date.now() }),
  version: '1',
});

/** One reading, and whatever becomes of it within `waitMs`. */
async function push(exporter: RowExporter, waitMs = INTERVAL_MS): Promise<number | undefined> {
  const { resourceMetrics } = await producer.collect();
  let code: number | undefined;
  exporter.export({ ...resourceMetrics, resource: resourceFromAttributes({}) }, (result) => {
    code = result.code;
  });
  for (let ms = 0; ms < waitMs; ms += 500) {
    await vi.advanceTimersByTimeAsync(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return code;
}

/** `n` more failures, each healed once. */
function happen(from: number, n: number): void {
  for (let i = from; i < from + n; i += 1) {
    for (const event of [detected(i, `f${i}`), completed(i, `f${i}`, { durationMs: 10 * i + 1 })]) {
      state.apply({ seq: state.seq + 1, input: 'http', receivedMs: Date.now(), event });
    }
  }
}

/** Of all pushes that were taken, added up. */
function told(name: string): number {
  return bodies.reduce((sum, body) => sum + pushed(body, name), 0);
}

function pushed(body: Uint8Array | undefined, name: string): number {
  if (body === undefined) return 0;
  const metric = metricsOf(decodePush(body)).find((one) => one.name === name);
  const points = metric === undefined ? [] : dataPointsOf(metric);
  return points.reduce((sum, { asDouble, count }) => sum + (asDouble ?? Number(count ?? 0)), 0);
}

test('after an hour without a receiver the totals are exact', async () => {
  const exporter = exporterOf();
  receiver = () => 'lost';
  for (let minute = 0; minute < 60; minute += 1) {
    happen(minute + 1, 1);
    expect(await push(exporter)).toBe(ExportResultCode.FAILED);
  }
  expect(failures.length).toBeGreaterThan(60);
  receiver = () => ({ status: 200 });
  expect(await push(exporter)).toBe(ExportResultCode.SUCCESS);
  expect(pushed(bodies.at(-1), 'selfhealer.failures')).toBe(60);
  expect(pushed(bodies.at(-1), 'selfhealer.healing.duration')).toBe(60);
});

test('differences add up to the totals through outages and a restart', async () => {
  let exporter = exporterOf(DELTA);
  for (let minute = 0; minute < 30; minute += 1) {
    happen(2 * minute + 1, 2);
    const isDown = minute % 3 === 1;
    receiver = () => (isDown ? { status: 503 } : { status: 200 });
    await push(exporter);
    // As from a file: other objects.
    if (minute % 7 === 6) {
      kept = structuredClone(kept);
      exporter = exporterOf(DELTA);
    }
  }
  receiver = () => ({ status: 200 });
  await push(exporter);
  expect(told('selfhealer.failures')).toBe(60);
  expect(told('selfhealer.healing.attempts')).toBe(60);
  expect(told('selfhealer.healing.duration')).toBe(60);
  const before = bodies.length;
  await push(exporter);
  expect(pushed(bodies[before], 'selfhealer.failures')).toBe(0);
});

test('a receiver that asks to be left alone is', async () => {
  const exporter = exporterOf();
  let requests = 0;
  receiver = () => {
    requests += 1;
    return { status: 429, retryAfter: '150' };
  };
  expect(await push(exporter)).toBe(ExportResultCode.FAILED);
  await push(exporter);
  expect(requests).toBe(1);
  expect(failures).toEqual(['overloaded']);
  receiver = () => ({ status: 200 });
  await push(exporter);
  expect(await push(exporter)).toBe(ExportResultCode.SUCCESS);
});

test('what comes back is tried again with growing pauses, and counted each time', async () => {
  const exporter = exporterOf();
  const timesMs: number[] = [];
  receiver = () => {
    timesMs.push(Date.now());
    return { status: 503 };
  };
  await push(exporter);
  const pauses = timesMs.slice(1).map((ms, i) => ms - (timesMs[i] ?? 0));
  expect(pauses.length).toBeGreaterThanOrEqual(4);
  for (const [i, pause] of pauses.entries()) {
    const middleMs = Math.min(1000 * 2 ** i, 30_000);
    expect(pause).toBeGreaterThanOrEqual(0.8 * middleMs - 1);
    expect(pause).toBeLessThanOrEqual(1.2 * middleMs + 1);
  }
  expect(failures.length).toBe(timesMs.length);
});

test.each(['0', '-3', '0.001', '1.5.2', '12 o clock', 'Mon, 01 Jan 2001 00:00:00 GMT', ''])(
  'a receiver that asks for a pause of "%s" is not asked without one',
  async (retryAfter) => {
    const exporter = exporterOf();
    let requests = 0;
    receiver = () => {
      requests += 1;
      return { status: 429, retryAfter };
    };
    expect(await push(exporter)).toBe(ExportResultCode.FAILED);
    expect(requests).toBeGreaterThan(1);
    expect(requests).toBeLessThan(10);
  },
);

test('a receiver that takes its time is waited for, up to the timeout, and totals stay exact', async () => {
  const exporter = exporterOf();
  receiver = () => ({ status: 200, afterMs: 9000 });
  happen(1, 3);
  expect(await push(exporter)).toBe(ExportResultCode.SUCCESS);
  expect(bodies).toHaveLength(1);
  receiver = () => ({ status: 200, afterMs: 15_000 });
  happen(4, 3);
  expect(await push(exporter, INTERVAL_MS + 15_000)).toBe(ExportResultCode.FAILED);
  // Each try is given ten seconds, and a growing pause before the next.
  expect(failures.length).toBeGreaterThanOrEqual(3);
  expect(failures.length).toBeLessThanOrEqual(6);
  expect(new Set(failures)).toEqual(new Set(['unreachable']));
  // The next reading does not wait behind it for ever.
  receiver = () => ({ status: 200, afterMs: 5000 });
  happen(7, 1);
  await push(exporter);
  expect(await push(exporter)).toBe(ExportResultCode.SUCCESS);
  expect(pushed(bodies.at(-1), 'selfhealer.failures')).toBe(7);
});

test('a push and its tries end when the time that is given to all of them is over', async () => {
  const exporter = exporterOf(new Set(), 15_000);
  receiver = () => 'hangs';
  happen(1, 1);
  expect(await push(exporter, 16_000)).toBe(ExportResultCode.FAILED);
  // Ten seconds for the first try, a pause, and what is left for the second.
  expect(failures).toEqual(['unreachable', 'unreachable']);
  receiver = () => ({ status: 200 });
  expect(await push(exporter, 1000)).toBe(ExportResultCode.SUCCESS);
});

test('what is refused is not sent again', async () => {
  const exporter = exporterOf();
  receiver = () => ({ status: 400 });
  expect(await push(exporter)).toBe(ExportResultCode.FAILED);
  expect(failures).toEqual(['rejected']);
});

test('an exemplar is told once, and again only where its push was not taken', async () => {
  const exporter = exporterOf();
  const exemplars = (): readonly string[] => {
    const duration = metricsOf(decodePush(bodies.at(-1) ?? new Uint8Array())).find(
      ({ name }) => name === 'selfhealer.healing.duration',
    );
    const all = (duration === undefined ? [] : dataPointsOf(duration)).flatMap(
      (point) => point.exemplars ?? [],
    );
    return all.map(({ filteredAttributes }) => filteredAttributes[0]?.value.stringValue ?? '');
  };
  happen(1, 1);
  receiver = () => 'lost';
  await push(exporter);
  receiver = () => ({ status: 200 });
  await push(exporter);
  expect(exemplars()).toEqual(['f1']);
  await push(exporter);
  expect(exemplars()).toEqual([]);
  happen(100, 1);
  await push(exporter);
  expect(exemplars()).toEqual(['f100']);
});

test('what comes last is told at the end, also while an earlier push is under way', async () => {
  const exporter = exporterOf();
  happen(1, 1);
  let hasBegun = false;
  receiver = () => {
    if (hasBegun) return { status: 200 };
    hasBegun = true;
    return 'hangs';
  };
  const first = push(exporter, 4000);
  while (!hasBegun) await new Promise((resolve) => setImmediate(resolve));
  happen(2, 1);
  exporter.hurry();
  const last = push(exporter, 4000);
  expect(await first).toBe(ExportResultCode.FAILED);
  expect(await last).toBe(ExportResultCode.SUCCESS);
  expect(pushed(bodies.at(-1), 'selfhealer.failures')).toBe(2);
});

test('a receiver that hangs is given up on at the end within two seconds', async () => {
  const exporter = exporterOf();
  receiver = () => 'hangs';
  const pushing = push(exporter, 4000);
  await new Promise((resolve) => setImmediate(resolve));
  exporter.hurry();
  expect(await pushing).toBe(ExportResultCode.FAILED);
  expect(failures).toEqual(['unreachable']);
});
