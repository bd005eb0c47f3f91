import { expect, test } from 'vitest';
import type { Clock } from '../../src/core/ports.js';
import { deliver } from '../../src/pipeline/deliver.js';
import { Housekeeping } from '../../src/pipeline/keep-house.js';
import { completion, openRig, type PipelineRig } from '../sources/pipeline-rig.js';

const HOUR_MS = 3_600_000;
const NO_LIMITS = { ageMs: 400 * 24 * HOUR_MS, sizeBytes: 10 * 2 ** 30 };

function housekeeper(rig: PipelineRig, aheadMs: { value: number }, limits = NO_LIMITS) {
  const clock: Clock = {
    nowMs: () => Date.now() + aheadMs.value,
    monotonicMs: () => performance.now() + aheadMs.value,
  };
  return new Housekeeping({
    ingest: rig.ingest,
    state: rig.state,
    clock,
    report: () => undefined,
    incidentTimeoutMs: 24 * HOUR_MS,
    limits,
  });
}

function post(rig: PipelineRig, line: string) {
  return deliver(rig.ingest, { input: 'http', body: Buffer.from(line), shape: 'lines' });
}

test('An incident that nothing was heard of ends as expired, by an event of the log', async () => {
  const rig = await openRig();
  const detectedMs = Date.now() - 25 * HOUR_MS;
  await post(
    rig,
    completion({
      type: 'selfhealer.failure.detected',
      data: {
        failure_id: 'disk_full_1',
        failure_type: 'disk_full',
        detected_at: new Date(detectedMs).toISOString(),
      },
    }),
  );
  const house = housekeeper(rig, { value: 0 });
  await house.round();
  await house.round();

  expect(rig.state.incidents.open.size).toBe(0);
  expect(rig.state.counts.resolved.at(0, 'disk_full', 'expired').n).toBe(1);
  expect(rig.state.counts.recoverySeconds.at(0, 'disk_full').count).toBe(0);
  const type = 'selfhealer.failure.resolved';
  expect(rig.state.counts.events.at(0, 'internal', type).n).toBe(1);
  const [batch] = await collect(rig.log.replay(1));
  const event = JSON.parse(Buffer.from(batch?.bytes ?? []).toString());
  expect(event).toMatchObject({
    id: 'expired:disk_full_1:1',
    source: '/test',
    type,
    data: { failure_id: 'disk_full_1', resolution: 'expired' },
  });
  await rig.close();
});

test('A prediction that did not come true ends as expired', async () => {
  const rig = await openRig();
  await post(
    rig,
    completion({
      type: 'selfhealer.failure.predicted',
      time: new Date(Date.now() - 3 * HOUR_MS).toISOString(),
      data: { prediction_id: 'p1', failure_type: 'disk_full', confidence: 0.8 },
    }),
  );
  await housekeeper(rig, { value: 0 }).round();

  expect(rig.state.predictions.standing).toBe(0);
  const { predictionOutcomes } = rig.state.counts;
  expect(predictionOutcomes.at(0, 'disk_full', 'unknown', 'expired').n).toBe(1);
  await rig.close();
});

test('A snapshot is written after five minutes, and not while nothing happens', async () => {
  const rig = await openRig();
  const ahead = { value: 0 };
  const house = housekeeper(rig, ahead);
  await post(rig, completion());
  await house.round();
  expect(rig.ingest.tail).toBe(1);
  ahead.value = 6 * 60_000;
  await house.round();
  expect(rig.ingest.tail).toBe(0);
  await rig.close();
});

test('What retention has forgotten is too old from then on, also for what waits already', async () => {
  const rig = await openRig();
  const old = new Date(Date.now() - 48 * HOUR_MS).toISOString();
  await post(rig, completion({ id: 'old', time: old }));
  await post(rig, completion({ id: 'new' }));
  await rig.ingest.saveSnapshot();

  const retaining = rig.ingest.retain({ ageMs: 24 * HOUR_MS, sizeBytes: 10 * 2 ** 30 });
  const again = post(rig, completion({ id: 'old', time: old }));
  const { deletedEvents, forgottenMs } = await retaining;

  expect([deletedEvents, forgottenMs]).toEqual([1, Date.parse(old)]);
  const delivered = await again;
  expect(delivered).toMatchObject({ ok: true, settled: { accepted: 0 } });
  expect(delivered.ok && delivered.settled.rejected[0]?.code).toBe('too_old');
  const { attempts } = rig.state.counts;
  expect(attempts.at(0, 'AgentRestartStrategy', 'agent', 'reactive').n).toBe(2);
  await rig.close();
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

test('What has gathered for the rollups is handed to the log, though nothing more comes', async () => {
  const rig = await openRig();
  const fromMs = Date.now() - 5 * HOUR_MS;
  const lines = Array.from({ length: 250 }, (_, minute) =>
    completion({ time: new Date(fromMs + minute * 60_000).toISOString() }),
  );
  await post(rig, lines.join('\n'));
  const query = { range: undefined, filters: {} };
  const before = await rig.log.history({ ...query, pending: rig.ingest.pending() });
  expect(rig.ingest.pending()).toHaveLength(1);
  await housekeeper(rig, { value: 0 }).round();

  expect(rig.ingest.pending()).toEqual([]);
  expect(await rig.log.history({ ...query, pending: [] })).toEqual(before);
  expect(before.cells.length).toBeGreaterThan(0);
  await rig.close();
});
