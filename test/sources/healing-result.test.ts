import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeValue } from '../../src/core/decode/decode.js';
import {
  healingResultToCloudEvent,
  isBareHealingResult,
} from '../../src/sources/healing-result.js';

/** As `json.dumps(dataclasses.asdict(result), default=str)` writes it. */
const RESULT = {
  success: true,
  failure_id: 'agent_failure_agent-002_000000',
  strategy_used: 'AgentRestartStrategy',
  actions_taken: ['Unregistered agent-002', 'Re-registered agent-002'],
  duration_ms: 153,
  timestamp: '2026-11-01 00:03:17.602000+00:00',
  metadata: { agent_id: 'agent-002' },
};
const CONTEXT = { receivedMs: Date.UTC(2026, 10, 23), forgottenMs: undefined };

function convert(value: unknown) {
  const result = healingResultToCloudEvent(value, '/swarms/alpha');
  if (!result.ok) throw new Error(result.message);
  return result.event;
}

describe('a bare HealingResult', () => {
  test('becomes an event that decodes to the same attempt', () => {
    const event = convert(RESULT);
    expect(event.data).toEqual(RESULT);
    expect(decodeValue(event, CONTEXT)).toMatchObject({
      ok: true,
      event: {
        type: 'selfhealer.healing.completed',
        source: '/swarms/alpha',
        timeMs: Date.UTC(2026, 10, 1, 0, 3, 17, 602),
        failureId: RESULT.failure_id,
        strategy: 'AgentRestartStrategy',
        outcome: 'succeeded',
        durationMs: 153,
        agentId: 'agent-002',
      },
    });
  });

  test('has the same id however its time is written', () => {
    const times = [
      '2026-11-01 00:03:17.602000+00:00',
      '2026-11-01T00:03:17.602000+00:00',
      '2026-11-01T00:03:17.602Z',
      '2026-11-01 00:03:17.602000',
      '2026-11-01T01:03:17.602+01:00',
    ];
    const ids = times.map((timestamp) => convert({ ...RESULT, timestamp }).id);
    expect(new Set(ids).size).toBe(1);
  });

  test('has another id when failure, strategy or time differ, down to the microsecond', () => {
    const others = [
      RESULT,
      { ...RESULT, failure_id: 'x' },
      { ...RESULT, strategy_used: 'x' },
      { ...RESULT, timestamp: '2026-11-01 00:03:17.602001+00:00' },
    ];
    expect(new Set(others.map((other) => convert(other).id)).size).toBe(others.length);
  });

  test('its id does not run its parts together', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (a, b, cut) => {
        const [head, tail] = [(a + b).slice(0, cut), (a + b).slice(cut)];
        fc.pre(head !== a);
        const first = convert({ ...RESULT, failure_id: a, strategy_used: b }).id;
        expect(convert({ ...RESULT, failure_id: head, strategy_used: tail }).id).not.toBe(first);
      }),
    );
  });

  test.each([
    ['no strategy', { strategy_used: 'None', metadata: { suggestion: 'add one' } }, 'no_strategy'],
    ['declined', { metadata: { error: 'Strategy not applicable' } }, 'declined'],
    ['an open breaker', { metadata: { fail_fast: true, circuit_state: 'OPEN' } }, 'circuit_open'],
    ['automatic healing off', { metadata: { suggestion: 'restart it' } }, 'auto_heal_disabled'],
    [
      'automatic healing off, as said by the original',
      { metadata: { suggestion: true } },
      'auto_heal_disabled',
    ],
  ])('that was not tried says so: %s', (_, changes, reason) => {
    const event = convert({ ...RESULT, success: false, ...changes });
    expect(event.data).toMatchObject({ outcome: 'skipped', reason, success: false });
    expect(decodeValue(event, CONTEXT)).toMatchObject({
      ok: true,
      event: { outcome: 'skipped', reason },
    });
  });

  test('that failed stays failed, and one that succeeded is never skipped', () => {
    expect(convert({ ...RESULT, success: false }).data).not.toHaveProperty('outcome');
    expect(convert({ ...RESULT, metadata: { fail_fast: true } }).data).not.toHaveProperty(
      'outcome',
    );
    expect(convert({ ...RESULT, metadata: null }).data).not.toHaveProperty('outcome');
    const stated = { ...RESULT, success: false, strategy_used: 'None', outcome: 'failed' };
    expect(convert(stated).data).toEqual(stated);
  });
});

describe('what is none', () => {
  test.each([
    [null, 'invalid_json', 'healing result: expected one JSON object, got nothing'],
    [[RESULT], 'invalid_json', 'healing result: expected one JSON object, got an array of 1'],
    [
      { ...RESULT, failure_id: undefined },
      'missing_field',
      'failure_id: expected a string, got nothing',
    ],
    [
      { ...RESULT, strategy_used: null },
      'missing_field',
      'strategy_used: expected a string, got nothing',
    ],
    [{ ...RESULT, failure_id: 7 }, 'invalid_field', 'failure_id: expected a string, got 7'],
    [
      { ...RESULT, timestamp: undefined },
      'missing_field',
      'timestamp: expected a string, got nothing',
    ],
    [
      { ...RESULT, timestamp: 'soon' },
      'invalid_time',
      'timestamp: expected a time in RFC 3339, got "soon"',
    ],
  ])('%j is refused with a reason', (value, code, message) => {
    expect(healingResultToCloudEvent(value, '/s')).toEqual({ ok: false, code, message });
  });

  test('nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        isBareHealingResult(value);
        healingResultToCloudEvent(value, '/s');
      }),
    );
  });

  test('a CloudEvent is no bare result, also where its fields are those of one', () => {
    expect(isBareHealingResult(RESULT)).toBe(true);
    expect(isBareHealingResult({ strategy_used: 'x' })).toBe(true);
    expect(isBareHealingResult({ specversion: '1.0', ...RESULT })).toBe(false);
    for (const value of [{}, { id: 'x' }, null, 'x', [RESULT]]) {
      expect(isBareHealingResult(value)).toBe(false);
    }
  });
});
