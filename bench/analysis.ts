// What the folds cost an event, what the analyses cost a tick at 1,000 strategies with 50 failure types, and what
// the success trend of one strategy takes of memory. Limits are absolute here: they are promises to the host.
import { deriveGauges } from '../src/analysis/derived.js';
import type { HealingEvent } from '../src/core/event.js';
import { LiveState } from '../src/core/state/live-state.js';
import { SuccessTrends } from '../src/core/state/success-trend.js';
import { uniform } from '../test/support/random.js';
import { median } from './support/measure.js';

const isShort = process.env['BENCH_SHORT'] === '1';
const EVENTS = isShort ? 40_000 : 300_000;
const ROUNDS = isShort ? 3 : 9;
const EVENT_MICROS_MAX = 2;
const TICK_MS_MAX = 50;
const STRATEGY_BYTES_MAX = 1_300;
const STRATEGIES = 1_000;
const FAILURE_TYPES = 50;
const START_MS = Date.UTC(2026, 0, 1);

const random = uniform(20_261_001);
const outside: string[] = [];

function tell(what: string, value: number, unit: string, limit: number): void {
  console.log(`${what.padEnd(58)} ${value.toFixed(3)} ${unit}, limit ${limit}`);
  if (!(value <= limit)) outside.push(what);
}

/** A failure and its attempt by turns; each attempt that succeeds ends its incident. */
function* eventsOf(count: number, strategies: number, types: number): Generator<HealingEvent> {
  for (let i = 0; i < count; i += 1) {
    const pair = i >> 1;
    const failureType = `type-${(pair * 7) % types}`;
    const strategy = `Strategy${pair % strategies}`;
    const about = {
      source: '/bench',
      id: `e${i}`,
      timeMs: START_MS + i * 500,
      failureId: `${failureType}_${pair}`,
      failureType,
      agentId: `agent-${pair % 100}`,
      severity: 'high',
    } as const;
    yield i % 2 === 0
      ? { ...about, type: 'selfhealer.failure.detected' }
      : {
          ...about,
          type: 'selfhealer.healing.completed',
          strategy,
          outcome: random() < 0.9 ? 'succeeded' : 'failed',
          durationMs: 100 + 900 * random(),
          actions: [],
          reason: undefined,
          trigger: 'reactive',
        };
  }
}

function folded(events: readonly HealingEvent[]): LiveState {
  const state = new LiveState();
  for (const event of events) {
    const seq = state.seq + 1;
    state.apply({ seq, input: 'http', receivedMs: event.timeMs, event });
  }
  return state;
}

/** Processor time of this process: others on the machine do not count. */
function cpuMicrosOf(act: () => void): number {
  const start = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

const few = [...eventsOf(EVENTS, 20, 10)];
const perEvent = Array.from({ length: ROUNDS }, () => cpuMicrosOf(() => folded(few)) / EVENTS);
tell('all folds and incident rules, an event', median(perEvent), 'us', EVENT_MICROS_MAX);

const many = folded([...eventsOf(2 * STRATEGIES * 100, STRATEGIES, FAILURE_TYPES)]);
const nowMs = START_MS + 2 * STRATEGIES * 100 * 500;
const ticks = Array.from({ length: ROUNDS }, () => {
  return cpuMicrosOf(() => deriveGauges(many, nowMs)) / 1000;
});
tell('a tick at 1,000 strategies and 50 failure types', median(ticks), 'ms', TICK_MS_MAX);

/** Heap and what lies beside it, after all that is not held has gone. */
function bytesHeld(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const trends = new SuccessTrends();
const before = bytesHeld();
const attemptsEach = isShort ? 50 : 300;
const strategies = 10_000;
for (let n = 0; n < attemptsEach; n += 1) {
  for (let i = 0; i < strategies; i += 1) {
    trends.apply({
      kind: 'attempt_ended',
      source: '/bench',
      timeMs: START_MS + n * 60_000,
      failureId: 'f',
      strategy: `Strategy${i}`,
      failureType: 't',
      agentId: undefined,
      severity: 'high',
      outcome: random() < 0.9 ? 'succeeded' : 'failed',
      reason: 'unspecified',
      trigger: 'reactive',
      durationMs: 1,
      actions: [],
      attempt: 1,
      firstOfStrategy: true,
      inOrder: true,
    });
  }
}
const bytes = (bytesHeld() - before) / strategies;
const points = trends.snapshot()[0]?.[1] ?? [];
const hulls = points.slice(4).flat().length * 8;
tell('10,000 success trends, all that they hold', (bytes * strategies) / 1e6, 'MB', 20);
tell('corners of one success trend', hulls, 'bytes', STRATEGY_BYTES_MAX);
// A short run proves nothing but that it works: its few rounds are not held against the limits.
if (outside.length > 0 && !isShort) {
  console.log(`Outside of the limits: ${outside.join('; ')}`);
  process.exitCode = 1;
}
