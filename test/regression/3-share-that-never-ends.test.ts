// What goes on was judged beside what had ended alone. Where a constant share never recovers, or is never heard of again,
// some of that goes on at any moment, and an unchanging trend was called slower for good.
import { expect, test } from 'vitest';
import { agesMs, byFailureType } from '../../src/analysis/open-incidents.js';
import type { HealingEvent } from '../../src/core/event.js';
import { DurationDetector } from '../../src/core/state/duration-detector.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, completed, detected, envelope, fold, started } from '../support/events.js';
import { normal, uniform } from '../support/random.js';

const PER_HOUR = 20;
const DAYS = 5;
const DAY_S = 86_400;
const TYPE = 'agent_down';
const STRATEGY = 'AgentRestartStrategy';

interface Given {
  /** Of what begins at a time. */
  readonly lostShare: (seconds: number) => number;
  /** Incidents, or attempts that are started. */
  readonly of: 'incidents' | 'attempts';
}

/** In the order of time; what is lost is no longer waited for after a day. */
function history({ lostShare, of }: Given): HealingEvent[] {
  const random = uniform(11);
  const gaussian = normal(random);
  const events: HealingEvent[] = [];
  for (let n = 0; n < DAYS * 24 * PER_HOUR; n += 1) {
    const seconds = (n * 3_600) / PER_HOUR;
    const failureId = `f${n}`;
    const takes = Math.round(600 * Math.exp(gaussian()));
    const durationMs = of === 'attempts' ? takes * 1_000 : 0;
    events.push(of === 'attempts' ? started(seconds, failureId) : detected(seconds, failureId));
    if (random() >= lostShare(seconds)) {
      events.push(completed(seconds + takes, failureId, { durationMs }));
    } else if (of === 'incidents') {
      events.push({
        ...envelope(seconds + DAY_S),
        type: 'selfhealer.failure.resolved',
        failureId,
        resolution: 'expired',
      });
    }
  }
  return events
    .filter(({ timeMs }) => timeMs < at(DAYS * DAY_S))
    .sort((a, b) => a.timeMs - b.timeMs);
}

/** How many of the looks of the last two days, one in half an hour, found it slower. */
function looksSlower(given: Given, { restartAt }: { restartAt?: number } = {}): number {
  const events = history(given);
  let state = new LiveState();
  let slower = 0;
  let next = 0;
  for (let seconds = 3 * DAY_S; seconds < DAYS * DAY_S; seconds += 1_800) {
    const nowMs = at(seconds);
    const until = events.findIndex(({ timeMs }) => timeMs > nowMs);
    fold(events.slice(next, until), state);
    next = until;
    if (seconds === restartAt) {
      const restored = LiveState.restore(state.snapshot());
      if (restored === undefined) throw new Error('the snapshot cannot be read');
      state = restored;
    }
    const reading =
      given.of === 'attempts'
        ? state.attemptDurations.read(
            STRATEGY,
            nowMs,
            state.incidents.runningMs(nowMs).get(STRATEGY),
          )
        : state.recoveryDurations.read(
            TYPE,
            nowMs,
            agesMs(byFailureType(state.incidents.open.values()).get(TYPE) ?? [], nowMs),
          );
    expect(reading?.trend).not.toBe('insufficient_data');
    if (reading?.trend === 'slower') slower += 1;
  }
  return slower;
}

test.each(['incidents', 'attempts'] as const)(
  'where a third of the %s was always lost, nothing is slower',
  (of) => {
    expect(looksSlower({ of, lostShare: () => 0.33 })).toBe(0);
  },
);

test.each(['incidents', 'attempts'] as const)('where %s begin to be lost, that is slower', (of) => {
  const lostShare = (seconds: number): number => (seconds > 4.5 * DAY_S ? 0.8 : 0.1);
  expect(looksSlower({ of, lostShare })).toBeGreaterThan(5);
});

test('a restart in between changes nothing', () => {
  const given: Given = { of: 'incidents', lostShare: (s) => (s > 4.5 * DAY_S ? 0.8 : 0.2) };
  expect(looksSlower(given, { restartAt: 4 * DAY_S })).toBe(looksSlower(given));
});

test('a snapshot of before says nothing of what was lost, so that what ended until then is not compared', () => {
  const gaussian = normal(uniform(5));
  const detector = new DurationDetector();
  for (let n = 1; n <= 400; n += 1)
    detector.observe(1_000 * Math.exp(gaussian()), n * 1_000, Infinity);
  const [count, sum, squares, reference, recent, slower, faster, watchful] = detector.freeze();
  const old = [count, sum, squares, reference, recent, slower, faster, watchful] as const;
  const ages = Array.from({ length: 40 }, (_, i) => 5_000 + 1_000 * i);
  const restored = DurationDetector.thaw(old);
  const before = detector.evidenceGoingOn(ages, 400_000);
  expect(restored.evidenceGoingOn(ages, 400_000).nats).toBeLessThan(before.nats);
  expect(DurationDetector.thaw(restored.freeze()).freeze()).toEqual(restored.freeze());
  expect(restored.evidence()).toEqual(detector.evidence());
});
