import { describe, expect, test } from 'vitest';
import type { HealingEvent } from '../../../src/core/event.js';
import { TextHash } from '../../../src/core/text-hash.js';
import {
  at,
  completed,
  detected,
  envelope,
  factsOf,
  fold,
  logged,
  started,
} from '../../support/events.js';

const HOUR = 3600;

function story(events: readonly HealingEvent[]) {
  const { state, facts } = fold(events);
  return {
    state,
    facts,
    opened: factsOf(facts, 'incident_opened'),
    resolved: factsOf(facts, 'incident_resolved'),
    attempts: factsOf(facts, 'attempt_ended'),
    open: [...state.incidents.open.values()].map(({ failureId }) => failureId),
  };
}

describe('an incident', () => {
  test('opens at its first detection and is healed by a success, counted once', () => {
    const { opened, resolved, open } = story([
      detected(0, 'f1'),
      detected(3, 'f1'),
      completed(10, 'f1', { outcome: 'failed' }),
      completed(20, 'f1'),
    ]);
    expect(opened).toHaveLength(1);
    expect(resolved).toMatchObject([
      { resolution: 'healed', recoveryMs: 20_000, attempts: 2, strategy: 'AgentRestartStrategy' },
    ]);
    expect(open).toEqual([]);
  });

  test('stays open through failed and skipped attempts', () => {
    const { open, resolved } = story([
      detected(0, 'f1'),
      completed(1, 'f1', { outcome: 'failed' }),
      completed(2, 'f1', { outcome: 'skipped', reason: 'declined' }),
    ]);
    expect(open).toEqual(['f1']);
    expect(resolved).toEqual([]);
  });

  test('of an imported history is opened by its completion, detected at the start of the attempt', () => {
    const { opened, resolved } = story([completed(10, 'agent_failure_7', { durationMs: 4000 })]);
    expect(opened).toMatchObject([{ timeMs: at(6), detected: false }]);
    expect(resolved).toMatchObject([{ recoveryMs: 4000, attempts: 1 }]);
  });

  test('takes its type from the id only when nothing says better, and learns it when something does', () => {
    const { attempts, facts, state } = story([
      completed(1, 'agent_failure_7', { failureType: undefined, outcome: 'failed' }),
      detected(0, 'agent_failure_7', { failureType: 'agent_down' }),
    ]);
    expect(attempts[0]?.failureType).toBe('agent');
    expect(factsOf(facts, 'incident_amended')).toMatchObject([
      { before: { failureType: 'agent' }, after: { failureType: 'agent_down' } },
    ]);
    expect([...state.incidents.open.values()][0]?.failureType).toBe('agent_down');
  });

  test('is unknown in type when its id has no prefix', () => {
    const { attempts } = story([completed(1, '_7', { failureType: undefined })]);
    expect(attempts[0]?.failureType).toBe('unknown');
  });

  test('opens again for a detection after its resolution, not for one before it', () => {
    const { opened, open } = story([
      detected(0, 'f1'),
      completed(10, 'f1'),
      detected(9, 'f1'),
      detected(10, 'f1'),
      detected(11, 'f1'),
    ]);
    expect(opened.map(({ timeMs }) => timeMs)).toEqual([at(0), at(11)]);
    expect(open).toEqual(['f1']);
  });

  test('counts completions after its resolution as attempts only, for an hour', () => {
    const { opened, attempts } = story([
      detected(0, 'f1'),
      completed(10, 'f1'),
      completed(20, 'f1', { outcome: 'failed' }),
      completed(10 + HOUR, 'f1'),
    ]);
    expect(opened).toHaveLength(1);
    expect(attempts).toHaveLength(3);
    const later = story([detected(0, 'f1'), completed(10, 'f1'), completed(11 + HOUR, 'f1')]);
    expect(later.opened).toHaveLength(2);
  });

  test('that was forgotten by other events is unknown again', () => {
    const { state, opened } = story([
      detected(0, 'f1'),
      completed(10, 'f1'),
      detected(2 * HOUR, 'other'),
      completed(2 * HOUR + 1, 'f1'),
    ]);
    expect(opened).toHaveLength(3);
    expect(state.incidents.remembered).toBe(1);
  });

  test('ends without a recovery time when it expires', () => {
    const { resolved } = story([
      detected(0, 'f1'),
      {
        ...envelope(60),
        type: 'selfhealer.failure.resolved',
        failureId: 'f1',
        resolution: 'expired',
      },
    ]);
    expect(resolved).toMatchObject([{ resolution: 'expired', recoveryMs: undefined }]);
  });

  test('has a recovery time when it recovered by itself', () => {
    const { resolved } = story([
      detected(0, 'f1'),
      {
        ...envelope(60),
        type: 'selfhealer.failure.resolved',
        failureId: 'f1',
        resolution: 'self_recovered',
      },
    ]);
    expect(resolved).toMatchObject([{ resolution: 'self_recovered', recoveryMs: 60_000 }]);
  });
});

test('the agent of an attempt is what it says, else what its incident says, else its metadata', () => {
  const agents = (more: object): unknown =>
    story([detected(0, 'f1', { agentId: 'a1' }), completed(1, 'f1', more)]).attempts[0]?.agentId;
  expect(agents({ agentId: 'a2' })).toBe('a2');
  expect(agents({ agentId: undefined })).toBe('a1');
  expect(agents({ agentId: 'a2', agentFromMetadata: true })).toBe('a1');
});

test('incidents whose ids are hashed alike are told apart, open and ended', () => {
  const [one, other] = ['f3229740949', 'f165988304'];
  const { source } = envelope(0);
  const hash = new TextHash(0);
  expect(hash.of(source, one)).toBe(hash.of(source, other));

  const { state, attempts, open } = story([
    detected(0, one),
    detected(1, other),
    completed(2, other),
    completed(3, other, { outcome: 'failed' }),
    completed(4, one, { outcome: 'failed' }),
  ]);
  expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
  expect(open).toEqual([one]);
  expect([...state.incidents.ended()].map(({ failureId }) => failureId)).toEqual([other]);
  // Two hours later the ended one is forgotten, and the open one is known.
  state.apply(logged(completed(2 * HOUR, one), 6));
  expect(state.incidents.open.size).toBe(0);
  expect([...state.incidents.ended()].map(({ failureId }) => failureId)).toEqual([one]);
});

describe('a preventive attempt', () => {
  test('without a known failure is an attempt and nothing else', () => {
    const { opened, resolved, attempts } = story([
      completed(5, 'f1', { trigger: 'preventive' }),
      completed(6, 'f2', { trigger: 'preventive', outcome: 'failed' }),
    ]);
    expect(opened).toEqual([]);
    expect(resolved).toEqual([]);
    expect(attempts.map(({ attempt }) => attempt)).toEqual([0, 0]);
  });

  test('heals a failure that is known', () => {
    const { resolved } = story([detected(0, 'f1'), completed(5, 'f1', { trigger: 'preventive' })]);
    expect(resolved).toMatchObject([{ resolution: 'healed', recoveryMs: 5000 }]);
  });
});

describe('superseding', () => {
  const agentId = 'agent-017';

  test('ends what the same agent and type had open before the success, each from its own detection', () => {
    const { resolved, open } = story([
      detected(0, 'f1', { agentId }),
      detected(5, 'f2', { agentId }),
      detected(5, 'other-type', { agentId, failureType: 'task_timeout' }),
      detected(5, 'other-agent', { agentId: 'agent-018' }),
      detected(5, 'no-agent'),
      detected(21, 'later', { agentId }),
      completed(20, 'f2', { agentId }),
    ]);
    expect(resolved).toMatchObject([
      { failureId: 'f2', resolution: 'healed', recoveryMs: 15_000 },
      { failureId: 'f1', resolution: 'superseded', recoveryMs: 20_000 },
    ]);
    expect(open.sort()).toEqual(['later', 'no-agent', 'other-agent', 'other-type']);
  });

  test('reaches only incidents that a detection opened', () => {
    const { open } = story([
      completed(1, 'f1', { agentId, outcome: 'failed' }),
      completed(9, 'f2', { agentId }),
    ]);
    expect(open).toEqual(['f1']);
  });
});

describe('a start', () => {
  const running = (events: readonly HealingEvent[]): number | undefined =>
    [...fold(events).state.counts.inProgress.values()][0]?.value.n;

  test('runs until the next completion of its failure and strategy', () => {
    expect(running([started(1, 'f1')])).toBe(1);
    const otherHealed = completed(2, 'f1', { strategy: 'TaskRetryStrategy' });
    expect(running([started(1, 'f1'), otherHealed])).toBe(0);
    expect(running([detected(0, 'f1'), started(1, 'f1'), completed(2, 'f1')])).toBe(0);
    const otherFailed = completed(2, 'f1', { strategy: 'TaskRetryStrategy', outcome: 'failed' });
    expect(running([detected(0, 'f1'), started(1, 'f1'), otherFailed])).toBe(1);
  });

  test('that is older than a completion it belongs to is ignored', () => {
    expect(running([detected(0, 'f1'), completed(2, 'f1'), started(1, 'f1')])).toBe(0);
  });

  test('gives the delay of the first attempt, once', () => {
    const { facts } = story([
      detected(0, 'f1'),
      started(4, 'f1'),
      completed(6, 'f1', { outcome: 'failed' }),
      completed(9, 'f1'),
    ]);
    expect(factsOf(facts, 'first_attempt')).toMatchObject([{ delayMs: 4000 }]);
  });
});

test('an open incident is due to expire after silence, and only then', () => {
  const { state } = fold([detected(0, 'f1'), completed(50, 'f1', { outcome: 'failed' })]);
  expect(state.incidents.due(at(149), 100_000)).toEqual([]);
  expect(state.incidents.due(at(151), 100_000)).toMatchObject([
    { failureId: 'f1', seq: 1, timeMs: at(150) },
  ]);
});

test('an attempt older than the newest of its strategy is told as out of order', () => {
  const { attempts } = story([completed(10, 'a'), completed(5, 'b'), completed(10, 'c')]);
  expect(attempts.map(({ inOrder }) => inOrder)).toEqual([true, false, true]);
});
