import { afterEach, describe, expect, test } from 'vitest';
import { ExporterError } from '../../src/core/errors.js';
import type { Input } from '../../src/core/event.js';
import type { AppendGroup, Derived, EventLog } from '../../src/core/ports.js';
import { deliver, type Delivered } from '../../src/pipeline/deliver.js';
import { Ingest } from '../../src/pipeline/ingest.js';
import { recover } from '../../src/pipeline/recover.js';
import { openEventLog } from '../../src/store/event-log.js';
import {
  clock,
  completion,
  openRig,
  temporaryFolder,
  until,
  type PipelineRig,
  type RigOptions,
} from '../sources/pipeline-rig.js';

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open(options?: RigOptions): Promise<PipelineRig> {
  const rig = await openRig(options);
  cleanUps.push(() => rig.close());
  return rig;
}

function post(rig: PipelineRig, lines: readonly string[], input: Input = 'http') {
  return deliver(rig.ingest, { input, body: Buffer.from(lines.join('\n')), shape: 'lines' });
}

function counts(delivered: Delivered): readonly number[] | string {
  if (!delivered.ok) return delivered.refusal.code;
  const { accepted, duplicates, rejected } = delivered.settled;
  return [accepted, duplicates, rejected.length];
}

/** A log whose appends wait until they are let through, and can be made to fail. */
function gate() {
  const waiting: (() => void)[] = [];
  const appends: (Derived | undefined)[] = [];
  let isOpen = false;
  let failures: Error[] = [];
  return {
    appends,
    waiting,
    failNext: (...errors: Error[]) => (failures = errors),
    openUp: () => {
      isOpen = true;
      for (const go of waiting.splice(0)) go();
    },
    wrapLog: (log: EventLog, onAppend?: (groups: readonly AppendGroup[]) => void): EventLog =>
      new Proxy(log, {
        get: (target, name) => {
          if (name !== 'append') {
            const value: unknown = Reflect.get(target, name, target);
            return typeof value === 'function' ? value.bind(target) : value;
          }
          return async (...[groups, derived]: Parameters<EventLog['append']>) => {
            appends.push(derived);
            onAppend?.(groups);
            if (!isOpen) await new Promise<void>((go) => waiting.push(go));
            const failure = failures.shift();
            if (failure !== undefined) throw failure;
            return target.append(groups, derived);
          };
        },
      }),
  };
}

describe('Of many who send one at a time and wait for the answer', () => {
  /** What each turn held, and how often was waited before it, when so many come back each time. */
  async function turnsOf(waves: readonly number[]) {
    const left = [...waves];
    const disk = gate();
    let moments = 0;
    let sent = 0;
    const send = (senders: number): void => {
      sent += senders;
      for (let i = 0; i < senders; i += 1) void post(rig, [completion()]);
    };
    const areAllWaiting = () => rig.counts.queueLevel?.events === sent - rig.state.seq;
    const turns: { readonly deliveries: number; readonly moments: number }[] = [];
    const rig = await open({
      wrapLog: (log) =>
        disk.wrapLog(log, (groups) => turns.push({ deliveries: groups.length, moments })),
      sleep: async () => {
        moments += 1;
        send(left.shift() ?? 0);
        await until(areAllWaiting);
      },
    });
    send(1);
    await until(() => disk.waiting.length === 1);
    send(10);
    await until(areAllWaiting);
    disk.openUp();
    await until(() => left.length === 0 && rig.state.seq === sent);
    return turns;
  }

  test.each([
    ['all, as soon as they are there', [1, 3, 8], { deliveries: 11, moments: 3 }],
    ['those who come while others come', [1, 3, 2, 0], { deliveries: 5, moments: 4 }],
    ['those who come after a while', [1, 0, 0, 4, 0], { deliveries: 4, moments: 5 }],
    ['those who come in time', [1, 1, 1, 1, 1, 1], { deliveries: 5, moments: 6 }],
  ])('the next turn takes %s', async (_what, waves, next) => {
    const first = [
      { deliveries: 1, moments: 0 },
      { deliveries: 11, moments: 1 },
    ];
    expect(await turnsOf(waves)).toEqual([...first, next]);
  });

  test('a few are not waited for', async () => {
    let moments = 0;
    const rig = await open({ sleep: async () => void (moments += 1) });
    const sendAll = async (): Promise<void> => {
      for (let i = 0; i < 5; i += 1) await post(rig, [completion()]);
    };
    await Promise.all([sendAll(), sendAll(), sendAll()]);
    expect([rig.state.seq, moments]).toEqual([15, 0]);
  });
});

describe('Deliveries', () => {
  test('that wait for the log are written together', async () => {
    const disk = gate();
    const rig = await open({ wrapLog: disk.wrapLog });
    const first = post(rig, [completion()]);
    await until(() => disk.appends.length === 1);
    const others = Array.from({ length: 20 }, () => post(rig, [completion(), completion()]));
    await until(() => rig.counts.queueLevel?.events === 41);
    disk.openUp();

    expect(counts(await first)).toEqual([1, 0, 0]);
    for (const other of await Promise.all(others)) expect(counts(other)).toEqual([2, 0, 0]);
    expect(disk.appends.length).toBe(2);
  });

  test('with the same events at the same time count them once', async () => {
    const rig = await open();
    const lines = Array.from({ length: 30 }, () => completion());

    const settled = await Promise.all(Array.from({ length: 16 }, () => post(rig, lines)));

    const sums = settled
      .map(counts)
      .reduce<number[]>(
        (sum, one) => (Array.isArray(one) ? sum.map((n, i) => n + (one[i] ?? 0)) : sum),
        [0, 0, 0],
      );
    expect(sums).toEqual([30, 15 * 30, 0]);
    expect(rig.state.seq).toBe(30);
    expect(rig.counts.duplicated.at(0, 'http').n).toBe(15 * 30);
  });

  test('are taken in the order of their times within, and in the order of arrival between', async () => {
    const rig = await open();
    const at = (seconds: number) => `2026-11-23T18:00:0${seconds}Z`;
    await post(rig, [
      completion({ time: at(3), data: { failure_id: 'f_1', success: true } }),
      completion({
        type: 'selfhealer.failure.detected',
        time: at(1),
        data: { failure_id: 'f_1', failure_type: 'f', detected_at: at(1) },
      }),
    ]);
    expect(rig.state.counts.recoverySeconds.at(0, 'f')).toMatchObject({ count: 1, sum: 2 });
  });

  test('without a well-formed event are answered without the log', async () => {
    const disk = gate();
    const rig = await open({ wrapLog: disk.wrapLog });

    expect(counts(await post(rig, ['nonsense', '{}']))).toEqual([0, 0, 2]);
    expect(counts(await post(rig, []))).toEqual([0, 0, 0]);
    expect(disk.appends).toEqual([]);
    expect(rig.counts.rejections.at(0, 'http', 'invalid_json').n).toBe(1);
    disk.openUp();
  });

  test('that cannot be split are refused and counted as such', async () => {
    const rig = await open();
    const body = Buffer.from('{"not": "an array"}');
    const delivered = await deliver(rig.ingest, { input: 'http', body, shape: 'array' });

    expect(counts(delivered)).toBe('malformed_body');
    expect(rig.counts.refusals.at(0, 'http', 'malformed_body').n).toBe(1);
    expect(rig.counts.queueLevel).toMatchObject({ events: 0, bytes: 0 });
  });

  test('beyond the capacity of the queue are refused, those before are kept', async () => {
    const disk = gate();
    const rig = await open({ wrapLog: disk.wrapLog, capacityBytes: 1000 });
    const first = post(rig, [completion(), completion()]);
    const second = post(
      rig,
      Array.from({ length: 4 }, () => completion()),
    );
    const refused = await second;
    disk.openUp();

    expect(refused).toMatchObject({
      ok: false,
      refusal: { code: 'overloaded', retryAfterSeconds: 1 },
    });
    expect(counts(await first)).toEqual([2, 0, 0]);
    // Alone it has room, though it is larger than the queue.
    expect(
      counts(
        await post(
          rig,
          Array.from({ length: 9 }, () => completion()),
        ),
      ),
    ).toEqual([9, 0, 0]);
  });

  test('large ones leave the event loop to others', async () => {
    const rig = await open();
    const lines = Array.from({ length: 20_000 }, () => completion());
    let longestMs = 0;
    let lastMs = performance.now();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      longestMs = Math.max(longestMs, nowMs - lastMs);
      lastMs = nowMs;
    }, 1);
    const delivered = await post(rig, lines);
    clearInterval(timer);

    expect(counts(delivered)).toEqual([20_000, 0, 0]);
    // All in one go would take several times as much.
    expect(longestMs).toBeLessThan(150);
  });
});

describe('When the disk is full', () => {
  test('deliveries are refused, and taken again as soon as there is room', async () => {
    const disk = gate();
    disk.openUp();
    const rig = await open({ wrapLog: disk.wrapLog });
    disk.failNext(new ExporterError('STORE_FULL', 'full'));
    const lines = [completion(), completion()];

    expect(await post(rig, lines)).toMatchObject({
      ok: false,
      refusal: { code: 'store_unavailable', retryAfterSeconds: 5 },
    });
    expect(rig.ingest.trouble).toBe('store_full');
    expect(rig.state.seq).toBe(0);
    expect(counts(await post(rig, lines))).toEqual([2, 0, 0]);
    expect(rig.ingest.trouble).toBeUndefined();
    expect(rig.fatal).toEqual([]);
    expect(rig.counts.storeErrors.at(0, 'STORE_FULL').n).toBe(1);
  });
});

describe('When the log fails', () => {
  test('nothing is acknowledged any more, and the application is told once', async () => {
    const disk = gate();
    const rig = await open({ wrapLog: disk.wrapLog });
    const failure = new ExporterError('STORE_FAILED', 'I/O error');
    disk.failNext(failure);
    const first = post(rig, [completion()]);
    await until(() => disk.appends.length === 1);
    const second = post(rig, [completion()]);
    disk.openUp();

    expect(counts(await first)).toBe('store_unavailable');
    expect(counts(await second)).toBe('store_unavailable');
    expect(counts(await post(rig, [completion()]))).toBe('store_unavailable');
    expect(rig.fatal).toEqual([failure]);
    expect(rig.ingest.trouble).toBe('store_failed');
  });
});

describe('Closing', () => {
  test('makes durable what was taken, refuses the rest, and leaves a snapshot', async () => {
    const [folder, remove] = temporaryFolder();
    cleanUps.push(remove);
    const path = `${folder}/events.db`;
    const rig = await openRig({ path });
    const taken = Array.from({ length: 10 }, () => post(rig, [completion()]));
    const closing = rig.close();
    const late = await post(rig, [completion()]);
    await closing;

    for (const delivered of await Promise.all(taken)) expect(counts(delivered)).toEqual([1, 0, 0]);
    expect(counts(late)).toBe('shutting_down');
    const log = await openEventLog({ path });
    cleanUps.push(() => log.close());
    expect(log.opened).toMatchObject({ lastSeq: 10, rolledSeq: 10, snapshot: { seq: 10 } });
  });
});

describe('Minute cells', () => {
  const attempts = async ({ log, ingest }: Pick<PipelineRig, 'log' | 'ingest'>) => {
    const query = { range: undefined, filters: {}, pending: ingest.pending() };
    const { cells } = await log.history(query);
    return cells.reduce((sum, { cell }) => sum + cell.succeeded + cell.failed, 0);
  };

  test('are in every answer from the moment on that their events are acknowledged', async () => {
    const rig = await open();
    for (let i = 1; i <= 20; i++) {
      await post(rig, [completion()]);
      expect(await attempts(rig)).toBe(i);
      if (i % 7 === 0) await rig.ingest.saveSnapshot();
      expect(await attempts(rig)).toBe(i);
    }
  });

  test('survive that the log could not take them', async () => {
    const disk = gate();
    disk.openUp();
    const fast = { nowMs: () => Date.now(), monotonicMs: () => (ticks += 10_000) };
    let ticks = 0;
    const log = disk.wrapLog(await openEventLog({ path: ':memory:' }));
    const rig = await open();
    const { state, derived } = await recover({ log, clock, report: () => undefined });
    const { counts: metrics } = rig;
    const parts = { log, state, derived, clock: fast, metrics, capacityBytes: 1e6 };
    const sleep = async (): Promise<void> => undefined;
    const ingest = new Ingest({ ...parts, sleep, onFatal: () => undefined });
    const send = (): Promise<Delivered> =>
      deliver(ingest, { input: 'http', body: Buffer.from(completion()), shape: 'one' });
    await send();
    disk.failNext(new ExporterError('STORE_FULL', 'full'));
    await send();
    await send();
    await send();
    const carried = disk.appends.filter((taken) => taken !== undefined);

    expect(carried.length).toBeGreaterThanOrEqual(2);
    expect(await attempts({ log, ingest })).toBe(3);
    await ingest.close();
    expect(await attempts({ log, ingest })).toBe(3);
    await log.close();
  });

  test('are not counted again after a restart, with and without a snapshot', async () => {
    const [folder, remove] = temporaryFolder();
    cleanUps.push(remove);
    const path = `${folder}/events.db`;
    const first = await openRig({ path });
    for (let i = 0; i < 5; i++) await post(first, [completion()]);
    await first.ingest.saveSnapshot();
    for (let i = 0; i < 5; i++) await post(first, [completion()]);
    await first.log.close(); // as if it had been killed: no last snapshot
    const second = await open({ path });

    expect(second.state.seq).toBe(10);
    expect(await attempts(second)).toBe(10);
    await second.ingest.saveSnapshot();
    expect(await attempts(second)).toBe(10);
  });
});

test('Labels of an attempt go with it where its own event does not say them', async () => {
  const rig = await open();
  const time = '2026-11-23T18:00:00Z';
  await post(rig, [
    completion({
      type: 'selfhealer.failure.detected',
      time: '2026-11-23T17:59:00Z',
      data: {
        failure_id: 'x_1',
        failure_type: 'disk_full',
        agent_id: 'agent-7',
        duration_ms: null,
      },
    }),
    completion({ time, data: { failure_id: 'x_1' } }),
    completion({ time, data: { failure_id: 'agent_1' } }),
  ]);
  const timeline = await rig.log.timeline({
    range: undefined,
    filters: {},
    limit: 10,
    pending: rig.ingest.pending(),
  });

  const labels = timeline.map(({ failureType, agentId }) => [failureType, agentId]);
  expect(labels).toContainEqual(['disk_full', 'agent-7']);
  expect(labels).toContainEqual(['agent', undefined]);
});
