import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EVENT_TYPES } from '../../src/core/event.js';
import { EmitterSource, type Attachment } from '../../src/sources/emitter/emitter-source.js';
import {
  clock,
  completion,
  openRig,
  quickTimer,
  settledOf,
  totalOf,
  until,
  type PipelineRig,
} from './pipeline-rig.js';

let rig: PipelineRig;
let source: EmitterSource;
let healer: EventEmitter;
let attached: Attachment;
const reports: unknown[] = [];

beforeEach(async () => {
  rig = await openRig();
  reports.length = 0;
  source = newSource();
  healer = new EventEmitter();
  attached = source.attach(healer, { source: '/swarms/alpha' });
  await source.start(rig.intake);
});
afterEach(async () => {
  await source.stop();
  await rig.close();
});

function newSource(bootId = 'boot'): EmitterSource {
  return new EmitterSource({
    clock,
    startTimer: quickTimer,
    bootId,
    report: (...entry) => reports.push(entry),
  });
}

const completed = (more: object = {}) => ({
  failureId: 'agent_down_1',
  strategyUsed: 'AgentRestartStrategy',
  success: true,
  durationMs: 12,
  ...more,
});

describe('An attached healer', () => {
  test('is heard with every event type, in camelCase', async () => {
    healer.emit('strategy.registered', { strategy: 'S', failureTypes: ['agent_down'] });
    healer.emit('failure.detected', { failureId: 'f_1', failureType: 'f', detectedAt: new Date() });
    healer.emit('healing.started', { failureId: 'f_1', strategyUsed: 'S' });
    healer.emit('healing.completed', completed({ failureId: 'f_1', actionsTaken: ['restarted'] }));
    healer.emit('failure.resolved', { failureId: 'f_2', resolution: 'manual' });
    const prediction = { predictionId: 'p', failureType: 'f', confidence: 0.5, expectedTimeMs: 10 };
    healer.emit('failure.predicted', prediction);
    healer.emit('prediction.resolved', { predictionId: 'p', outcome: 'prevented' });
    healer.emit('circuit.changed', { circuit: 'c', state: 'open' });
    healer.emit('degradation.changed', { resource: 'r', level: 2 });
    healer.emit('heartbeat');
    await attached.flush();

    expect(totalOf(rig)).toEqual({ accepted: 10, duplicates: 0, rejected: 0 });
    for (const type of EVENT_TYPES) {
      expect(rig.state.counts.events.at(0, 'emitter', type).n).toBe(1);
    }
    expect([...rig.state.heard.lastReceivedMs.keys()]).toEqual(['/swarms/alpha']);
  });

  test('gives each event an id of its own, or takes that of the payload', async () => {
    healer.emit('healing.completed', completed());
    healer.emit('healing.completed', completed());
    healer.emit('healing.completed', completed({ eventId: 'mine' }));
    healer.emit('healing.completed', completed({ eventId: 'mine' }));
    await attached.flush();

    expect(totalOf(rig)).toEqual({ accepted: 3, duplicates: 1, rejected: 0 });
    const [batch] = await collect(rig.log.replay(0));
    expect(Buffer.from(batch?.bytes ?? []).toString()).toContain('"id":"boot-1"');
  });

  test('is written down as it was when it was emitted', async () => {
    const payload = completed({ strategyUsed: 'Before' });
    healer.emit('healing.completed', payload);
    payload.strategyUsed = 'After';
    await attached.flush();
    expect([...rig.state.registry.strategies.keys()]).toEqual(['Before']);
  });

  test('is not heard any more once it is detached', async () => {
    healer.emit('healing.completed', completed());
    attached.detach();
    attached.detach();
    healer.emit('healing.completed', completed());
    await attached.flush();

    expect(rig.state.seq).toBe(1);
    expect(healer.eventNames()).toEqual([]);
  });

  test('two of them, each under its own name', async () => {
    const other = new EventEmitter();
    source.attach(other, { source: '/swarms/beta' });
    healer.emit('heartbeat');
    other.emit('heartbeat');
    await attached.flush();
    expect([...rig.state.heard.lastReceivedMs.keys()]).toEqual(['/swarms/alpha', '/swarms/beta']);
  });

  test.each(['', 'a"b', 'a,b', '__overflow__', 'x'.repeat(201)])(
    'is not taken under the name %j',
    (name) => {
      const attach = () => source.attach(new EventEmitter(), { source: name });
      expect(attach).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    },
  );
});

describe('A payload that is no event', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const getter = {
    get failureId(): string {
      throw new Error('not now');
    },
  };

  test.each<[string, unknown, string]>([
    ['a number', 5, 'invalid_envelope'],
    ['null', null, 'missing_field'],
    ['a text', 'x', 'invalid_envelope'],
    ['an array', [], 'invalid_envelope'],
    ['nothing', undefined, 'missing_field'],
    ['a cycle', completed({ metadata: cycle }), 'invalid_json'],
    ['a bigint', completed({ metadata: { n: 1n } }), 'invalid_json'],
    ['a getter that throws', getter, 'invalid_json'],
    ['a wrong type', completed({ durationMs: '12' }), 'invalid_field'],
    ['no number', completed({ durationMs: Number.NaN }), 'invalid_field'],
    ['a negative duration', completed({ durationMs: -1 }), 'invalid_number'],
    ['an invalid date', completed({ timestamp: new Date(Number.NaN) }), 'invalid_time'],
    ['a bad id', completed({ eventId: 7 }), 'invalid_envelope'],
    ['too large', completed({ metadata: { text: 'ü'.repeat(70_000) } }), 'event_too_large'],
    ['a forbidden character', completed({ strategyUsed: 'a{b' }), 'invalid_identifier'],
    ['half a character', completed({ strategyUsed: '\ud800' }), 'invalid_identifier'],
  ])('%s is counted, and the healer does not notice', async (_name, payload, code) => {
    expect(() => healer.emit('healing.completed', payload)).not.toThrow();
    healer.emit('healing.completed', completed());
    await attached.flush();

    expect(totalOf(rig)).toEqual({ accepted: 1, duplicates: 0, rejected: 1 });
    expect(settledOf(rig)[0]?.rejected[0]?.code).toBe(code);
    expect(reports).toHaveLength(1);
  });
});

describe('The queue', () => {
  test('is bounded: what is beyond it is dropped and counted', async () => {
    const waiting = newSource();
    const busy = new EventEmitter();
    waiting.attach(busy, { source: '/busy' });
    const metadata = { text: 'x'.repeat(60_000) };
    let refusals = 0;
    await waiting.start({
      offer: () => undefined, // never answers
      countRefused: (input, code) => {
        expect([input, code]).toEqual(['emitter', 'overloaded']);
        refusals += 1;
      },
    });
    const emitted = 400;
    for (let i = 0; i < emitted; i++) busy.emit('healing.completed', completed({ metadata }));

    const kept = emitted - refusals;
    expect(kept).toBeGreaterThan(200);
    expect(kept).toBeLessThan(300); // 16 MiB
  });

  test('delivers together what was emitted together', async () => {
    for (let i = 0; i < 3000; i++) healer.emit('healing.completed', completed());
    await attached.flush();
    expect(totalOf(rig).accepted).toBe(3000);
    expect(rig.heard.length).toBeLessThanOrEqual(2);
  });

  test('keeps what was emitted before the log was ready', async () => {
    const early = newSource('early');
    const eager = new EventEmitter();
    early.attach(eager, { source: '/early' });
    eager.emit('heartbeat');
    await early.start(rig.intake);
    await until(() => rig.state.seq === 1);
    await early.stop();
  });

  test('flush tells when the log cannot take it now, and it is taken later', async () => {
    const code = 'store_unavailable';
    rig.refuseNext({ code, message: 'the disk is full', retryAfterSeconds: 5 });
    healer.emit('healing.completed', completed());
    await expect(attached.flush()).rejects.toMatchObject({ code: 'STORE_FULL' });
    await attached.flush();
    expect(totalOf(rig)).toEqual({ accepted: 1, duplicates: 0, rejected: 0 });
  });

  test('is handed in at the end; what the log does not take then is counted', async () => {
    healer.emit('healing.completed', completed());
    await source.stop();
    expect(rig.state.seq).toBe(1);
    expect(healer.eventNames()).toEqual([]);

    const last = newSource('last');
    const other = new EventEmitter();
    last.attach(other, { source: '/last' });
    await last.start(rig.intake);
    rig.refuseNext({ code: 'store_unavailable', message: 'full', retryAfterSeconds: 5 });
    other.emit('heartbeat');
    other.emit('heartbeat');
    await last.stop();
    expect(rig.state.seq).toBe(1);
    expect(rig.counts.refusals.at(0, 'emitter', 'shutting_down').n).toBe(2);
    expect(() => last.attach(other, { source: '/last' })).toThrow(/closed/);
  });

  test('costs the healer little: emitting does not wait for anything', async () => {
    const emitMany = (count: number): number => {
      const startMs = performance.now();
      for (let i = 0; i < count; i++) healer.emit('healing.completed', completed());
      return (performance.now() - startMs) / count;
    };
    const stringify = (count: number): number => {
      const startMs = performance.now();
      for (let i = 0; i < count; i++) JSON.stringify(JSON.parse(completion()));
      return (performance.now() - startMs) / count;
    };
    emitMany(2000);
    stringify(2000);
    await attached.flush();
    const ratios = Array.from({ length: 5 }, () => emitMany(2000) / stringify(2000)).sort();
    await attached.flush();
    // Against writing and reading one event: the order of magnitude, on any machine.
    expect(ratios[2]).toBeLessThan(5);
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
