import { expect, test } from 'vitest';
import { FailureRates } from '../../../src/core/state/failure-rates.js';
import type { IncidentOpened } from '../../../src/core/facts.js';
import { at, detected, factsOf, fold } from '../../support/events.js';

const STEP = 300;
const WEEK = 7 * 288 * STEP;

const opened: readonly IncidentOpened[] = factsOf(
  fold(
    Array.from({ length: 400 }, (_, i) =>
      // Every half hour, with a silence of days in the middle.
      detected(i * 1_800 + (i > 340 ? 4 * 86_400 : 0), `f${i}`, { failureType: 'x' }),
    ),
  ).facts,
  'incident_opened',
);

test('looking at it meanwhile, forwards and back, changes nothing of what is read', () => {
  const quiet = new FailureRates();
  const watched = new FailureRates();
  for (const [i, fact] of opened.entries()) {
    quiet.apply(fact);
    watched.apply(fact);
    for (const seconds of [0, 700, 100, 3 * 86_400, 2 * 86_400]) {
      watched.read('x', fact.timeMs + seconds * 1000);
    }
    if (i % 20 !== 0) continue;
    for (const seconds of [0, STEP, 5_000, 2 * WEEK]) {
      const now = fact.timeMs + seconds * 1000;
      const fresh = new FailureRates();
      fresh.restore(quiet.snapshot());
      expect(watched.read('x', now)).toEqual(fresh.read('x', now));
    }
  }
  expect(watched.snapshot()).toEqual(quiet.snapshot());
  expect(watched.read('x', at(2 * WEEK))).toBeDefined();
});
