/** What is kept from one look at the gauges to the next never shows: not after late events, not at other times. */
import { expect, test } from 'vitest';
import { deriveGauges } from '../../src/analysis/derived.js';
import type { HealingEvent } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { completed, detected, fold, started, T0 } from '../support/events.js';
import { uniform } from '../support/random.js';

const DAYS = 9;
const INCIDENTS_A_DAY = 300;
const SECONDS_PER_INCIDENT = 86_400 / INCIDENTS_A_DAY;
const STRATEGIES = ['Restart', 'Retry', 'Failover', 'Seldom'];
const TYPES = ['agent_down', 'task_timeout', 'out_of_memory'];

/** An incident, what is tried on it, and whether it recovers. One strategy gets worse, and better again. */
function incident(n: number, random: () => number): HealingEvent[] {
  const day = (n * SECONDS_PER_INCIDENT) / 86_400;
  const isLate = random() < 0.05;
  const begin = n * SECONDS_PER_INCIDENT - (isLate ? Math.floor(random() * 30_000) : 0);
  const pick = (of: readonly string[]): string => of[Math.floor(random() * of.length)] ?? '';
  // One of them is silent for days.
  const strategy = pick(day > 2 && day < 7 ? STRATEGIES.slice(0, 3) : STRATEGIES);
  const about = { strategy, failureType: pick(TYPES), agentId: `agent-${n % 5}` };
  const failureId = `f${n}`;
  const isBad = strategy === 'Retry' && day > 3 && day < 5;
  const slower = strategy === 'Failover' && day > 4 ? 5 : 1;
  const durationMs = 1_000 * slower * (1 + random());
  const events: HealingEvent[] = [detected(begin, failureId, about)];
  events.push(started(begin + 1, failureId, about));
  if (random() < 0.02) return events; // it hangs
  const outcome = random() < (isBad ? 0.4 : 0.9) ? 'succeeded' : 'failed';
  const end = begin + 1 + durationMs / 1_000;
  events.push(completed(end, failureId, { ...about, durationMs, outcome }));
  return events;
}

test('a state that is asked again and again tells what one that was just restored tells', () => {
  const random = uniform(20_261_128);
  const state = new LiveState();
  const seen = new Set<string>();
  for (let n = 0; n < DAYS * INCIDENTS_A_DAY; n += 1) {
    fold(incident(n, random), state);
    if (random() < 0.5) continue;
    // Mostly now; now and then much later or earlier, and again now.
    const aside = random() < 0.2 ? (random() - 0.5) * 4 * 86_400_000 : random() * 60_000;
    const nowMs = T0 + n * SECONDS_PER_INCIDENT * 1_000 + aside;
    const gauges = deriveGauges(state, nowMs);
    for (const { trend, durationTrend } of gauges.strategies) seen.add(trend).add(durationTrend);
    if (n % 25 !== 0) continue;
    const restored = LiveState.restore(state.snapshot()) ?? new LiveState();
    expect(gauges).toEqual(deriveGauges(restored, nowMs));
  }
  expect([...seen].sort()).toEqual([
    'degrading',
    'improving',
    'insufficient_data',
    'slower',
    'stable',
  ]);
});

test('asked twice without an event in between, at any two times, each answer is that of its time', () => {
  const random = uniform(20_261_129);
  const state = new LiveState();
  for (let n = 0; n < 6 * INCIDENTS_A_DAY; n += 1) fold(incident(n, random), state);
  const snapshot = state.snapshot();
  for (let i = 0; i < 60; i += 1) {
    const nowMs = T0 + (5.5 + 2 * random()) * 86_400_000;
    const restored = LiveState.restore(snapshot) ?? new LiveState();
    expect(deriveGauges(state, nowMs)).toEqual(deriveGauges(restored, nowMs));
  }
});
