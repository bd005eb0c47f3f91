// Cascades were looked for among the first 64 failure types that ever came, for ever, and nothing said that there were
// more: 70 types that failed once kept out a cascade that the report listed.
import { expect, test } from 'vitest';
import { cascades, cascadesNow } from '../../src/analysis/cascades.js';
import { TYPES_KEPT_MAX } from '../../src/core/state/failure-minutes.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { render, viewOf } from '../metrics/scrape.js';
import { at, detected, fold } from '../support/events.js';
import { uniform } from '../support/random.js';

const HOUR = 3_600;
const DAY = 24 * HOUR;

function fail(state: LiveState, seconds: number, failureType: string): void {
  fold([detected(seconds, `f${state.seq}`, { failureType })], state);
}

/** Every hour of some days one type and, mostly, the other one after it. */
function cascade(state: LiveState, fromDay: number, days: number): void {
  const random = uniform(9);
  for (let hour = 24 * fromDay; hour < 24 * (fromDay + days); hour += 1) {
    const seconds = hour * HOUR + 3_000 * random();
    fail(state, seconds, 'disk_full');
    if (random() < 0.7) fail(state, seconds + 150, 'agent_lost');
  }
}

/** As many types as are followed, each of them too often to be left out for another one. */
function busyTypes(state: LiveState): void {
  for (let hour = 0; hour < 10; hour += 1) {
    for (let n = 0; n < TYPES_KEPT_MAX; n += 1) fail(state, hour * HOUR + 50 * n, `busy_${n}`);
  }
}

const edgesOf = (state: LiveState, seconds: number) =>
  cascadesNow(state, at(seconds)).map(({ cause, effect }) => [cause, effect]);

test('types that came once make room for those that come every hour', () => {
  const state = new LiveState();
  for (let n = 0; n < 70; n += 1) fail(state, n, `once_${n}`);
  expect(edgesOf(state, DAY)).toEqual([]);
  cascade(state, 7, 10);
  expect(edgesOf(state, 17 * DAY)).toEqual([['disk_full', 'agent_lost']]);
  expect(state.failureMinutes.typesLeftOut(at(17 * DAY))).toBe(70 + 2 - TYPES_KEPT_MAX);
  // What failed once, four weeks ago, is of no four weeks any more.
  expect(state.failureMinutes.typesLeftOut(at(29 * DAY))).toBe(0);
});

test('types that were silent for four weeks make room as well', () => {
  const state = new LiveState();
  busyTypes(state);
  cascade(state, 1, 3);
  expect(edgesOf(state, 4 * DAY)).toEqual([]);
  expect(state.failureMinutes.typesLeftOut(at(4 * DAY))).toBe(2);
  cascade(state, 30, 5);
  expect(edgesOf(state, 35 * DAY)).toEqual([['disk_full', 'agent_lost']]);
  expect(state.failureMinutes.typesLeftOut(at(35 * DAY))).toBe(0);
});

test('late failures of a type that came once push nothing newer out', () => {
  const state = new LiveState();
  for (let n = 0; n < TYPES_KEPT_MAX; n += 1) fail(state, 10 * DAY + n, `once_${n}`);
  fail(state, 3 * DAY, 'late');
  expect(state.failureMinutes.types.has('late')).toBe(false);
  expect(state.failureMinutes.typesLeftOut(at(11 * DAY))).toBe(1);
});

test('what was counted of a type is gone with it, and nothing else', () => {
  const state = new LiveState();
  cascade(state, 0, 10);
  let edges = 0;
  for (let n = 0; n < 100; n += 1) {
    // Ever others, each together with the cause of the cascade.
    fail(state, 10 * DAY + n * HOUR, 'disk_full');
    fail(state, 10 * DAY + n * HOUR + 120, `once_${n}`);
    const found = cascadesNow(state, at(10 * DAY + n * HOUR));
    expect(found).toEqual(cascades(state.failureMinutes.types));
    edges += found.length;
  }
  expect(state.failureMinutes.types.has('once_0')).toBe(false);
  expect(edges).toBe(100);
});

test('a metric says how many are left out, also after a restart', async () => {
  const state = new LiveState();
  busyTypes(state);
  cascade(state, 1, 1);
  const restored = LiveState.restore(state.snapshot());
  for (const one of [state, restored ?? new LiveState()]) {
    const text = await render({ ...viewOf(one), nowMs: at(2 * DAY) });
    const series = 'selfhealer_exporter_failure_types_left_out{analysis="cascades"}';
    expect(text).toContain(`${series} 2\n`);
  }
});
