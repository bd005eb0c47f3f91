import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeValue } from '../../../src/core/decode/decode.js';
import { toCloudEvent } from '../../../src/core/decode/encode.js';
import { EVENT_TYPES } from '../../../src/core/event.js';
import { FULL_DATA, RECEIVED_MS, TIME, TIME_MS, validEvent, type Json } from './valid-events.js';

const CONTEXT = { receivedMs: RECEIVED_MS, forgottenMs: undefined };
const ENVELOPE = { source: '/swarms/alpha', id: 'e-1', timeMs: TIME_MS };

function camelCase(data: Json): Json {
  const rename = (key: string) =>
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [rename(key), value]));
}

function dataOf(data: Json): unknown {
  return toCloudEvent('healing.completed', data, ENVELOPE).data;
}

describe('a payload in camelCase', () => {
  test.each(EVENT_TYPES)('of %s becomes the event of the wire', (type) => {
    const name = type.slice('selfhealer.'.length);
    const event = toCloudEvent(name, camelCase(FULL_DATA[type]), ENVELOPE);
    expect(event).toEqual(validEvent(type));
    expect(decodeValue(event, CONTEXT)).toEqual(decodeValue(validEvent(type), CONTEXT));
    expect(decodeValue(event, CONTEXT).ok).toBe(true);
  });

  test('loses what is null or undefined, and its eventId', () => {
    expect(dataOf({ failureId: 'f', agentId: null, severity: undefined, eventId: 'e' })).toEqual({
      failure_id: 'f',
    });
  });

  test('keeps unknown fields and those of the wire as they are', () => {
    const data = { someThing: { innerKey: 1 }, failure_id: 'f', other_thing: [null] };
    expect(dataOf(data)).toEqual(data);
  });

  test('may say a field in both spellings: camelCase counts', () => {
    expect(dataOf({ failureId: 'a', failure_id: 'b' })).toEqual({ failure_id: 'a' });
    expect(dataOf({ failure_id: 'b', failureId: 'a' })).toEqual({ failure_id: 'a' });
    expect(dataOf({ failure_id: 'b', failureId: null })).toEqual({ failure_id: 'b' });
  });

  test('may hold dates', () => {
    expect(dataOf({ timestamp: new Date(TIME_MS) })).toEqual({ timestamp: TIME });
    const event = toCloudEvent('heartbeat', { timestamp: new Date(NaN) }, ENVELOPE);
    expect(decodeValue(event, CONTEXT)).toMatchObject({ ok: false, code: 'invalid_time' });
  });

  test('names the agent in its metadata in either spelling', () => {
    expect(dataOf({ metadata: { agentId: 'a', x: 1 } })).toEqual({
      metadata: { agent_id: 'a', agentId: 'a', x: 1 },
    });
    expect(dataOf({ metadata: { agentId: 'a', agent_id: 'b' } })).toEqual({
      metadata: { agentId: 'a', agent_id: 'b' },
    });
    expect(dataOf({ metadata: { agentId: 7 } })).toEqual({ metadata: { agentId: 7 } });
  });

  test('with keys that mean something to JavaScript changes no prototype', () => {
    const data: Json = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
    const made = dataOf(data);
    expect(JSON.stringify(made)).toBe(JSON.stringify(data));
    expect(made).not.toHaveProperty('polluted');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

test('what is encoded reads back the same through text', () => {
  const names = fc.stringMatching(/^[a-z/_-]{1,20}$/).filter((name) => name !== '__overflow__');
  const payload = fc.record(
    {
      failureId: names,
      strategyUsed: names,
      success: fc.boolean(),
      durationMs: fc.double({ min: 0, max: 2_678_400_000, noNaN: true }),
      actionsTaken: fc.array(fc.string({ unit: 'grapheme' })),
      agentId: fc.option(names),
      severity: fc.constantFrom('critical', 'low', null, undefined),
      extra: fc.jsonValue(),
    },
    { requiredKeys: ['failureId', 'strategyUsed', 'success', 'durationMs'] },
  );
  const micros = fc.integer({ min: 946_684_800_000_000, max: RECEIVED_MS * 1000 });
  fc.assert(
    fc.property(payload, names, names, micros, (data, source, id, time) => {
      const event = toCloudEvent('healing.completed', data, { source, id, timeMs: time / 1000 });
      const decoded = decodeValue(JSON.parse(JSON.stringify(event)), CONTEXT);
      expect(decoded).toMatchObject({
        ok: true,
        event: {
          source,
          id,
          timeMs: time / 1000,
          failureId: data.failureId,
          strategy: data.strategyUsed,
          outcome: data.success ? 'succeeded' : 'failed',
          durationMs: data.durationMs + 0,
          actions: data.actionsTaken ?? [],
          agentId: data.agentId ?? undefined,
          severity: data.severity ?? undefined,
        },
      });
    }),
    { seed: 9, numRuns: 500 },
  );
});
