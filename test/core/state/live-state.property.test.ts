/** What holds for any events: any order gives the same sums, any cut gives the same state. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PREDICTION_OUTCOMES, type HealingEvent, type Outcome } from '../../../src/core/event.js';
import type { Fact } from '../../../src/core/facts.js';
import { LiveState } from '../../../src/core/state/live-state.js';
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

const failureId = fc.constantFrom('f1', 'f2', 'f3', 'f4');
/** An id belongs to one agent and one type, as a failure does. */
const agents = new Map([
  ['f1', 'a1'],
  ['f2', 'a1'],
  ['f3', 'a2'],
]);
/** Few enough that times are equal now and then; within the hour for which ended incidents are remembered. */
const seconds = fc.integer({ min: 0, max: 40 }).map((n) => n * 60);
const outcome = fc.constantFrom<Outcome>('succeeded', 'failed', 'skipped');

const event: fc.Arbitrary<HealingEvent> = fc.oneof(
  fc
    .record({ s: seconds, id: failureId })
    .map(({ s, id }) => detected(s, id, { agentId: agents.get(id) })),
  fc.record({ s: seconds, id: failureId }).map(({ s, id }) => started(s, id)),
  fc
    .record({ s: seconds, id: failureId, outcome, preventive: fc.boolean(), d: fc.nat(60_000) })
    .map(({ s, id, outcome, preventive, d }) =>
      completed(s, id, {
        agentId: agents.get(id),
        outcome,
        durationMs: d,
        trigger: preventive ? 'preventive' : 'reactive',
      }),
    ),
  fc.record({ s: seconds, id: failureId }).map(({ s, id }): HealingEvent => ({
    ...started(s, id),
    type: 'selfhealer.failure.resolved',
    resolution: 'manual',
  })),
  fc.record({ s: seconds, n: fc.nat(3), c: fc.nat(4), agent: fc.boolean() }).map((one) => ({
    ...envelope(one.s),
    type: 'selfhealer.failure.predicted' as const,
    predictionId: `p${one.n}`,
    failureType: 'agent_down',
    agentId: one.agent ? 'a1' : undefined,
    confidence: one.c / 4,
    expectedInMs: one.c === 0 ? undefined : 60_000 * one.c,
    predictor: one.c === 1 ? ('trend' as const) : undefined,
  })),
  fc
    .record({ s: seconds, n: fc.nat(3), outcome: fc.constantFrom(...PREDICTION_OUTCOMES) })
    .map((one) => ({
      ...envelope(one.s),
      type: 'selfhealer.prediction.resolved' as const,
      predictionId: `p${one.n}`,
      outcome: one.outcome,
    })),
);

/** Events and an order to deliver them in. */
const shuffled = fc.array(event, { maxLength: 24 }).chain((events) =>
  fc.record({
    events: fc.constant(events),
    order: fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
  }),
);

function sums(facts: readonly Fact[]) {
  const attempts = factsOf(facts, 'attempt_ended');
  return {
    failures: factsOf(facts, 'incident_opened').length,
    attempts: attempts.filter(({ outcome: o }) => o !== 'skipped').length,
    failed: attempts.filter(({ outcome: o }) => o === 'failed').length,
    skipped: attempts.filter(({ outcome: o }) => o === 'skipped').length,
  };
}

test('any order of arrival gives identical sums of failures, attempts, failed and skipped', () => {
  fc.assert(
    fc.property(shuffled, ({ events, order }) => {
      const inTime = [...events].sort((a, b) => a.timeMs - b.timeMs);
      const asArrived = order.flatMap((i) => events[i] ?? []);
      expect(sums(fold(asArrived).facts)).toEqual(sums(fold(inTime).facts));
    }),
    { numRuns: 3_000, seed: 20_261_123 },
  );
});

test('open incidents are always those opened less those resolved', () => {
  fc.assert(
    fc.property(shuffled, ({ events, order }) => {
      const { state, facts } = fold(order.flatMap((i) => events[i] ?? []));
      const resolved = factsOf(facts, 'incident_resolved');
      const open = factsOf(facts, 'incident_opened').length - resolved.length;
      expect(state.incidents.open.size).toBe(open);
      let gauge = 0;
      for (const { value } of state.counts.openIncidents.values()) gauge += value.n;
      expect(gauge).toBe(open);
      for (const { recoveryMs } of resolved) expect(recoveryMs ?? 0).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 2_000, seed: 20_261_123 },
  );
});

test('any cut of the log into snapshot and tail gives the identical state', () => {
  fc.assert(
    fc.property(shuffled, fc.nat(24), fc.nat(24), ({ events, order }, a, b) => {
      const asArrived = order.flatMap((i) => events[i] ?? []);
      const whole = fold(asArrived).state;
      let state = new LiveState();
      for (const [i, one] of asArrived.entries()) {
        if (i === a || i === b) {
          // As in another process: nothing that is told depends on the seed.
          const restored = LiveState.restore(state.snapshot(), undefined, undefined, i);
          state = restored ?? new LiveState();
        }
        state.apply(logged(one, i + 1));
      }
      expect(state.snapshot()).toBe(whole.snapshot());
    }),
    { numRuns: 1_000, seed: 20_261_123 },
  );
});

test('events folded together give the same state and facts as one by one', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), fc.array(fc.nat(12)), (events, sizes) => {
      const oneByOne = fold(events);
      const together = new LiveState();
      const all = events.map((one, i) => logged(one, i + 1));
      const facts: Fact[] = [];
      const left = [...sizes, all.length];
      for (let from = 0; from < all.length;) {
        const batch = all.slice(from, from + 1 + (left.shift() ?? 0));
        facts.push(...together.applyAll(batch).facts);
        from += batch.length;
      }
      expect(facts).toEqual(oneByOne.facts);
      expect(together.snapshot()).toBe(oneByOne.state.snapshot());
    }),
  );
});

test('a gap in the log is an error of ours, told as such', () => {
  const state = new LiveState();
  expect(() => state.apply(logged(detected(0, 'f1'), 2))).toThrow(
    'state: expected event 1 of the log next, got 2',
  );
  expect(at(0)).toBe(logged(detected(0, 'f1'), 1).event.timeMs);
});
