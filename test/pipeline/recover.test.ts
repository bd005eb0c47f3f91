import { describe, expect, test } from 'vitest';
import { LiveState } from '../../src/core/state/live-state.js';
import { ExporterError } from '../../src/core/errors.js';
import type { EventLog, ReplayBatch } from '../../src/core/ports.js';
import { NO_CONTROL, prepareCounts } from '../../src/metrics/control.js';
import { METRICS } from '../../src/metrics/table.js';
import { deliver } from '../../src/pipeline/deliver.js';
import { recover } from '../../src/pipeline/recover.js';
import {
  clock,
  completion,
  openRig,
  temporaryFolder,
  type PipelineRig,
} from '../sources/pipeline-rig.js';

const report = (): void => undefined;

test('A restart at any moment gives the same state', async () => {
  const [folder, remove] = temporaryFolder();
  const path = `${folder}/events.db`;
  const lines = Array.from({ length: 60 }, (_, i) =>
    completion({ data: { failure_id: `f${i % 3}_${i % 11}`, success: i % 4 > 0 } }),
  );
  let rig = await openRig({ path });
  for (let from = 0; from < lines.length; from += 10) {
    const body = Buffer.from(lines.slice(from, from + 10).join('\n'));
    await deliver(rig.ingest, { input: 'http', body, shape: 'lines' });
    if (from === 20) await rig.ingest.saveSnapshot();
    const before = rig.state.snapshot();
    await rig.log.close(); // killed
    rig = await openRig({ path });
    expect(rig.state.snapshot()).toBe(before);
  }
  await rig.close();
  remove();
});

test('A snapshot that cannot be read is no harm while the log is whole', async () => {
  const rig = await openRig();
  const body = Buffer.from([completion(), completion()].join('\n'));
  await deliver(rig.ingest, { input: 'http', body, shape: 'lines' });
  const log = withOpened(rig.log, { snapshot: { seq: 1, state: '{"version":0}' } });

  const { state, replayed } = await recover({ log, clock, report });

  expect(replayed).toBe(2);
  expect(state.snapshot()).toBe(rig.state.snapshot());
  await rig.close();
});

test('A snapshot that cannot be read is fatal once the events behind it are deleted', async () => {
  const rig = await openRig();
  const body = Buffer.from([completion(), completion()].join('\n'));
  await deliver(rig.ingest, { input: 'http', body, shape: 'lines' });
  const log = new Proxy(withOpened(rig.log, { snapshot: { seq: 1, state: '{"version":0}' } }), {
    get: (target, name) =>
      name === 'replay' ? () => rig.log.replay(1) : Reflect.get(target, name, target),
  });

  await expect(recover({ log, clock, report })).rejects.toThrow(ExporterError);
  await expect(recover({ log, clock, report })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  await rig.close();
});

describe('Other buckets than those that a store was counted into', () => {
  const control = { ...NO_CONTROL, buckets: { selfhealer_healing_duration_seconds: [1, 2] } };
  const prepare = prepareCounts(METRICS, control);

  async function counted(): Promise<PipelineRig> {
    const rig = await openRig();
    const body = Buffer.from([completion(), completion(), completion()].join('\n'));
    await deliver(rig.ingest, { input: 'http', body, shape: 'lines' });
    return rig;
  }

  /** The log as it is opened again, with what `replay` still finds. */
  const reopened = (rig: PipelineRig, replay: EventLog['replay']): EventLog => {
    const snapshot = { seq: 3, state: rig.state.snapshot() };
    return new Proxy(withOpened(rig.log, { snapshot, lastSeq: 3 }), {
      get: (target, name) => (name === 'replay' ? replay : Reflect.get(target, name, target)),
    });
  };

  test('are taken while the log holds everything', async () => {
    const rig = await counted();
    const log = reopened(rig, (after) => rig.log.replay(after));
    const { state, replayed } = await recover({ log, clock, report, prepare });
    expect(replayed).toBe(3);
    expect(state.counts.attemptSeconds.bounds).toEqual([1, 2]);
    await rig.close();
  });

  test.each([
    ['its beginning is deleted', [2, 3], [], 1],
    ['events in between are lost', [1, 3], [], 2],
    ['its end is lost', [1, 2], [], 3],
    ['all of it is deleted', [], [], 1],
    ['an event cannot be read', [1, 2, 3], [2], 2],
  ])('are refused where %s', async (_name, left, unreadable, gone) => {
    const rig = await counted();
    const log = reopened(rig, async function* () {
      for await (const batch of rig.log.replay(0)) {
        for (const seq of left) {
          const at = seq - batch.firstSeq;
          const line = unreadable.some((one) => one === seq) ? Buffer.from('?') : undefined;
          if (at >= 0 && at < batch.inputs.length) yield only(batch, at, line);
        }
      }
    });
    const recovering = recover({ log, clock, report, prepare });
    await expect(recovering).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(recovering).rejects.toThrow(`event ${gone} is gone`);
    await rig.close();
  });
});

test('Recovery gives up when it is asked to', async () => {
  const rig = await openRig();
  const body = Buffer.from(Array.from({ length: 3000 }, () => completion()).join('\n'));
  await deliver(rig.ingest, { input: 'http', body, shape: 'lines' });
  const stop = new AbortController();
  let ticks = 0;
  const slow = { nowMs: () => 0, monotonicMs: () => (ticks += 10) };
  const recovering = recover({ log: rig.log, clock: slow, report, signal: stop.signal });
  stop.abort(new Error('enough'));

  await expect(recovering).rejects.toThrow('enough');
  await rig.close();
});

test('An empty log gives an empty state', async () => {
  const rig = await openRig();
  expect(rig.state.snapshot()).toBe(new LiveState().snapshot());
  await rig.close();
});

function withOpened(log: EventLog, opened: Partial<EventLog['opened']>): EventLog {
  return new Proxy(log, {
    get: (target, name) => {
      if (name === 'opened') return { ...target.opened, ...opened };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** One event of a batch; `line` in place of what it holds. */
function only(batch: ReplayBatch, at: number, line: Uint8Array | undefined): ReplayBatch {
  const [start = 0, end = 0] = batch.spans.subarray(2 * at, 2 * at + 2);
  return {
    firstSeq: batch.firstSeq + at,
    bytes: line ?? batch.bytes,
    spans: Uint32Array.from(line === undefined ? [start, end] : [0, line.length]),
    inputs: batch.inputs.slice(at, at + 1),
    receivedMs: batch.receivedMs.slice(at, at + 1),
  };
}
