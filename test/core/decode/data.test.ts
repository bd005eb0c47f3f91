import { describe, expect, test } from 'vitest';
import { decodeValue, type DecodeContext } from '../../../src/core/decode/decode.js';
import { EVENT_TYPES, type EventType } from '../../../src/core/event.js';
import {
  completed,
  FULL_DATA,
  RECEIVED_MS,
  REQUIRED,
  TIME_MS,
  validEvent,
  type Json,
} from './valid-events.js';

const CONTEXT: DecodeContext = { receivedMs: RECEIVED_MS, forgottenMs: undefined };
const ENVELOPE = { source: '/swarms/alpha', id: 'e-1', timeMs: TIME_MS };

const DETECTED = 'selfhealer.failure.detected';
const STARTED = 'selfhealer.healing.started';
const COMPLETED = 'selfhealer.healing.completed';
const RESOLVED = 'selfhealer.failure.resolved';
const REGISTERED = 'selfhealer.strategy.registered';
const PREDICTED = 'selfhealer.failure.predicted';
const SETTLED = 'selfhealer.prediction.resolved';
const CIRCUIT = 'selfhealer.circuit.changed';
const DEGRADATION = 'selfhealer.degradation.changed';

function decode(type: EventType, data: Json) {
  return decodeValue(validEvent(type, data), CONTEXT);
}

/** The code and the field that it is about, or 'ok'. */
function verdictOn(type: EventType, data: Json): string {
  const decoded = decode(type, data);
  return decoded.ok ? 'ok' : `${decoded.code} ${decoded.message.split(':')[0]}`;
}

function eventOf(type: EventType, data: Json) {
  const decoded = decode(type, data);
  if (!decoded.ok) expect.fail(decoded.message);
  return decoded.event;
}

describe('every field of the contract is read', () => {
  const agentId = 'agent-017';
  const failureId = 'agent_down_agent-017_1';
  const failureType = 'agent_down';
  const strategy = 'AgentRestartStrategy';

  test.each<[EventType, Json]>([
    [DETECTED, { failureId, failureType, agentId, severity: 'high' }],
    [STARTED, { failureId, strategy, failureType, agentId }],
    [
      COMPLETED,
      {
        failureId,
        strategy,
        outcome: 'succeeded',
        durationMs: 153,
        actions: ['Unregistered agent-017', 'Re-registered agent-017'],
        failureType,
        agentId,
        agentFromMetadata: false,
        severity: 'high',
        reason: undefined,
        trigger: 'preventive',
      },
    ],
    [RESOLVED, { failureId, resolution: 'self_recovered' }],
    [REGISTERED, { strategy, failureTypes: ['agent_down', 'agent_failure'] }],
    [
      PREDICTED,
      {
        predictionId: 'pred-1795456800000',
        failureType,
        confidence: 0.75,
        agentId,
        expectedInMs: 60_000,
        predictor: 'trend',
      },
    ],
    [SETTLED, { predictionId: 'pred-1795456800000', outcome: 'prevented' }],
    [CIRCUIT, { circuit: 'payments', state: 'half_open', strategy: 'CircuitBreakerStrategy' }],
    [DEGRADATION, { resource: 'search', level: 2 }],
    ['selfhealer.heartbeat', {}],
  ])('of %s', (type, fields) => {
    expect(decode(type, {})).toStrictEqual({ ok: true, event: { type, ...ENVELOPE, ...fields } });
  });
});

describe.each(EVENT_TYPES)('%s', (type) => {
  test.each([undefined, null])('needs its required fields and no others: %s', (absent) => {
    for (const field of Object.keys(FULL_DATA[type])) {
      const expected = REQUIRED[type].includes(field) ? `missing_field data.${field}` : 'ok';
      expect(verdictOn(type, { [field]: absent }), field).toBe(expected);
    }
  });

  test('takes unknown fields, and events without the optional ones', () => {
    expect(verdictOn(type, { unknown: { any: [1, null, 'thing'] }, agentId: '<' })).toBe('ok');
    const keep = [...REQUIRED[type], 'success'];
    const bare = Object.entries(FULL_DATA[type]).map(([key, value]) => [
      key,
      keep.includes(key) ? value : undefined,
    ]);
    expect(verdictOn(type, Object.fromEntries(bare))).toBe('ok');
  });
});

describe('an identifier', () => {
  const fields: readonly (readonly [EventType, string])[] = [
    [DETECTED, 'failure_id'],
    [DETECTED, 'failure_type'],
    [DETECTED, 'agent_id'],
    [STARTED, 'failure_id'],
    [STARTED, 'strategy_used'],
    [STARTED, 'failure_type'],
    [STARTED, 'agent_id'],
    [COMPLETED, 'failure_id'],
    [COMPLETED, 'strategy_used'],
    [COMPLETED, 'failure_type'],
    [COMPLETED, 'agent_id'],
    [RESOLVED, 'failure_id'],
    [REGISTERED, 'strategy'],
    [PREDICTED, 'prediction_id'],
    [PREDICTED, 'failure_type'],
    [PREDICTED, 'agent_id'],
    [SETTLED, 'prediction_id'],
    [CIRCUIT, 'circuit'],
    [CIRCUIT, 'strategy'],
    [DEGRADATION, 'resource'],
  ];

  test.each(fields)('of %s stands in %s', (type, field) => {
    for (const bad of ['', 'a,b', 'a\nb', '\ud800', '__overflow__', '<', 'x'.repeat(201)]) {
      expect(verdictOn(type, { [field]: bad })).toBe(`invalid_identifier data.${field}`);
    }
    for (const bad of [1, true, {}, ['x"} 1\nfake{'], ['a']]) {
      expect(verdictOn(type, { [field]: bad })).toBe(`invalid_field data.${field}`);
    }
  });

  test('stands in every place of failure_types', () => {
    expect(eventOf(REGISTERED, { failure_types: [] })).toMatchObject({ failureTypes: [] });
    const verdict = (failure_types: unknown) => verdictOn(REGISTERED, { failure_types });
    expect(verdict('agent_down')).toBe('invalid_field data.failure_types');
    expect(verdict({ 0: 'a' })).toBe('invalid_field data.failure_types');
    expect(verdict(['a', ''])).toBe('invalid_identifier data.failure_types[1]');
    expect(verdict(['a', null])).toBe('invalid_field data.failure_types[1]');
    expect(verdict([['a']])).toBe('invalid_field data.failure_types[0]');
  });
});

describe('a word of a closed list', () => {
  test.each<[EventType, string, readonly string[]]>([
    [DETECTED, 'severity', ['critical', 'high', 'medium', 'low']],
    [COMPLETED, 'severity', ['critical', 'high', 'medium', 'low']],
    [COMPLETED, 'outcome', ['succeeded', 'failed', 'skipped']],
    [COMPLETED, 'trigger', ['reactive', 'preventive']],
    [
      COMPLETED,
      'reason',
      ['no_strategy', 'declined', 'auto_heal_disabled', 'circuit_open', 'awaiting_approval'],
    ],
    [RESOLVED, 'resolution', ['self_recovered', 'manual', 'expired']],
    [PREDICTED, 'source', ['pattern', 'trend', 'health', 'queue', 'bottleneck']],
    [SETTLED, 'outcome', ['occurred', 'prevented', 'false_positive', 'expired']],
    [CIRCUIT, 'state', ['closed', 'open', 'half_open']],
  ])('of %s: %s', (type, field, words) => {
    for (const word of words) expect(verdictOn(type, { [field]: word })).toBe('ok');
    for (const word of ['', 'High', ' high', 'unknown', 'healed', '__proto__', words.join()]) {
      expect(verdictOn(type, { [field]: word })).toBe(`unknown_word data.${field}`);
    }
    for (const other of [0, true, {}, [words[0]]]) {
      expect(verdictOn(type, { [field]: other })).toBe(`invalid_field data.${field}`);
    }
  });
});

describe('a number', () => {
  const month = 2_678_400_000;

  test.each<[EventType, string, readonly number[], readonly number[]]>([
    [COMPLETED, 'duration_ms', [0, -0, 0.25, month], [-1, -1e-9, month + 0.001, 1e300]],
    [PREDICTED, 'expected_time_ms', [0, -0, 1.5, month], [-1, month + 1]],
    [PREDICTED, 'confidence', [0, -0, 1e-300, 1], [-0.1, 1.0001, 75]],
    [DEGRADATION, 'level', [0, -0, 1, 2, 3, 4], [-1, 5, 0.5]],
  ])('of %s: %s', (type, field, good, bad) => {
    for (const number of good) expect(verdictOn(type, { [field]: number })).toBe('ok');
    for (const number of bad) {
      expect(verdictOn(type, { [field]: number })).toBe(`invalid_number data.${field}`);
    }
    for (const number of [NaN, Infinity, -Infinity]) {
      expect(verdictOn(type, { [field]: number })).toBe(`invalid_number data.${field}`);
    }
    for (const other of ['1', '', true, [1], {}]) {
      expect(verdictOn(type, { [field]: other })).toBe(`invalid_field data.${field}`);
    }
  });

  test('is never minus zero', () => {
    expect(eventOf(COMPLETED, { duration_ms: -0 })).toHaveProperty('durationMs', 0);
    expect(eventOf(PREDICTED, { confidence: -0, expected_time_ms: -0 })).toMatchObject({
      confidence: 0,
      expectedInMs: 0,
    });
    expect(eventOf(DEGRADATION, { level: -0 })).toHaveProperty('level', 0);
  });

  test('that is wrong is named with what was wanted', () => {
    expect(decode(COMPLETED, { duration_ms: '12' })).toStrictEqual({
      ok: false,
      code: 'invalid_field',
      message: 'data.duration_ms: expected a number from 0 to 2678400000, got "12"',
    });
    expect(decode(DEGRADATION, { level: 5 })).toStrictEqual({
      ok: false,
      code: 'invalid_number',
      message: 'data.level: expected an integer from 0 to 4, got 5',
    });
  });
});

describe('how an attempt ended', () => {
  const outcomeOf = (data: Json) => {
    const event = eventOf(COMPLETED, { outcome: undefined, success: undefined, ...data });
    return event.type === COMPLETED ? event.outcome : undefined;
  };

  test('is its outcome, or else its success', () => {
    expect(outcomeOf({ success: true })).toBe('succeeded');
    expect(outcomeOf({ success: false })).toBe('failed');
    expect(outcomeOf({ outcome: 'skipped' })).toBe('skipped');
    expect(outcomeOf({ outcome: null, success: true })).toBe('succeeded');
  });

  test('is its outcome also where success says otherwise', () => {
    expect(outcomeOf({ outcome: 'failed', success: true })).toBe('failed');
    expect(outcomeOf({ outcome: 'skipped', success: false })).toBe('skipped');
    expect(outcomeOf({ outcome: 'succeeded', success: false })).toBe('succeeded');
  });

  test('must be said, and in its own type', () => {
    expect(verdictOn(COMPLETED, { outcome: null, success: null })).toBe(
      'missing_field data.success',
    );
    for (const success of ['true', 1, 0, {}, []]) {
      expect(verdictOn(COMPLETED, { success })).toBe('invalid_field data.success');
    }
  });

  test('has a reason only when it was skipped', () => {
    const data = { reason: 'circuit_open', success: undefined };
    expect(eventOf(COMPLETED, { ...data, outcome: 'skipped' })).toMatchObject({
      reason: 'circuit_open',
    });
    expect(eventOf(COMPLETED, { ...data, outcome: 'failed' })).toMatchObject({ reason: undefined });
  });

  test('is reactive where no trigger is named', () => {
    expect(eventOf(COMPLETED, { trigger: null })).toMatchObject({ trigger: 'reactive' });
  });

  test('has actions in free text', () => {
    const texts = ['', 'a "quoted", {odd}\n<text>', '\ud800'];
    expect(eventOf(COMPLETED, { actions_taken: texts })).toMatchObject({ actions: texts });
    expect(eventOf(COMPLETED, { actions_taken: null })).toMatchObject({ actions: [] });
    expect(verdictOn(COMPLETED, { actions_taken: 'x' })).toBe('invalid_field data.actions_taken');
    expect(verdictOn(COMPLETED, { actions_taken: ['x', 1] })).toBe(
      'invalid_field data.actions_taken[1]',
    );
  });
});

describe('the agent', () => {
  test.each([DETECTED, COMPLETED] as const)('of %s may stand in its metadata', (type) => {
    const agent = (data: Json) => eventOf(type, { agent_id: undefined, ...data });
    expect(agent({ metadata: { agent_id: 'a-2' } })).toMatchObject({ agentId: 'a-2' });
    expect(agent({ metadata: { agent_id: 'a-2' }, agent_id: 'a-1' })).toMatchObject({
      agentId: 'a-1',
    });
    for (const metadata of [undefined, null, {}, 'x', 7, [], ['agent_id'], { agent_id: null }]) {
      expect(agent({ metadata })).toMatchObject({ agentId: undefined });
    }
    for (const agent_id of [7, {}, ['x"} 1\nfake{'], true]) {
      expect(agent({ metadata: { agent_id } })).toMatchObject({ agentId: undefined });
    }
    expect(verdictOn(type, { agent_id: null, metadata: { agent_id: 'a,b' } })).toBe(
      'invalid_identifier data.metadata.agent_id',
    );
    expect(verdictOn(type, { agent_id: 'a-1', metadata: { agent_id: 'a,b' } })).toBe('ok');
  });

  test('of a completion is marked when it stands only there', () => {
    const metadata = { agent_id: 'a-2' };
    expect(eventOf(COMPLETED, { metadata, agent_id: null })).toMatchObject({
      agentFromMetadata: true,
    });
    expect(eventOf(COMPLETED, { metadata })).toMatchObject({ agentFromMetadata: false });
    expect(eventOf(COMPLETED, { metadata: {}, agent_id: null })).toMatchObject({
      agentFromMetadata: false,
    });
  });
});

test('an event has one problem, that of its first wrong field', () => {
  expect(verdictOn(COMPLETED, { duration_ms: -1, strategy_used: '', trigger: 1 })).toBe(
    'invalid_identifier data.strategy_used',
  );
});

test('what a Python healer prints is valid as it is', () => {
  const data = {
    success: false,
    failure_id: 'quorum_loss_agent-005_000002',
    strategy_used: 'QuorumRecoveryStrategy',
    actions_taken: ['step 0'],
    duration_ms: 2347,
    timestamp: '2026-11-01 00:06:47.169000+00:00',
    metadata: { agent_id: 'agent-005' },
  };
  expect(decodeValue(completed({}, { data }), CONTEXT)).toMatchObject({
    ok: true,
    event: {
      outcome: 'failed',
      agentId: 'agent-005',
      timeMs: Date.UTC(2026, 10, 1, 0, 6, 47, 169),
    },
  });
});
