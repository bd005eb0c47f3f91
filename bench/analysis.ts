// What the folds cost an event, what the analyses cost a tick at 1,000 strategies with 50 failure types, and what
// the success trend of one strategy takes of memory. Limits are absolute here: they are promises to the host.
import { deriveGauges } from '../src/analysis/derived.js';
import { BatchDecoder } from '../src/core/decode/batch.js';
import { BodySplitter } from '../src/core/decode/split.js';
import type { FoldedEvent, LoggedEvent } from '../src/core/event.js';
import type { Fact } from '../src/core/facts.js';
import { foldFacts } from '../src/core/state/fold-facts.js';
import { LiveState } from '../src/core/state/live-state.js';
import { Rules } from '../src/core/state/rules.js';
import { SuccessTrends } from '../src/core/state/success-trend.js';
import { uniform } from '../test/support/random.js';
import { eventStream } from './support/events.js';
import { median } from './support/measure.js';

const isShort = process.env['BENCH_SHORT'] === '1';
/** As many as the exporter folds together. */
const BATCH = 64;
/** Of a round. */
const BATCHES = isShort ? 150 : 600;
const BATCHES_TO_WARM_UP = isShort ? 600 : 3_000;
const ROUNDS = isShort ? 3 : 9;
/** The first ones are not counted: code is compiled as it is used, and the exporter ticks for days. */
const TICKS_TO_WARM_UP = isShort ? 1 : 40;
const EVENT_MICROS_MAX = 2;
const TICK_MS_MAX = 50;
/** Where nothing has happened since the last one. */
const QUIET_TICK_MS_MAX = 20;
const TICK_EVERY_MS = 15_000;
const STRATEGY_BYTES_MAX = 1_300;
const STRATEGIES = 1_000;
const FAILURE_TYPES = 50;
/** Of each strategy: enough for a trend. */
const ATTEMPTS_BEFORE = 100;
const START_MS = Date.UTC(2026, 0, 1);

const random = uniform(20_261_001);
const outside: string[] = [];

function tell(what: string, value: number, unit: string, limit: number): void {
  console.log(`${what.padEnd(58)} ${value.toFixed(3)} ${unit}, limit ${limit}`);
  if (!(value <= limit)) outside.push(what);
}

/** A failure and its attempt by turns, without an end; each attempt that succeeds ends its incident. */
function* eventsOf({
  typeOf,
  msPerEvent,
}: {
  readonly typeOf: (pair: number) => number;
  readonly msPerEvent: number;
}): Generator<FoldedEvent> {
  for (let i = 0; ; i += 1) {
    const pair = i >> 1;
    const failureType = `type-${typeOf(pair)}`;
    const strategy = `Strategy${pair % STRATEGIES}`;
    const about = {
      source: '/bench',
      id: `e${i}`,
      timeMs: START_MS + i * msPerEvent,
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
          reason: undefined,
          trigger: 'reactive',
        };
  }
}

/** The next ones of `events`, which goes on after them. */
function take(events: Iterator<FoldedEvent>, count: number): FoldedEvent[] {
  const taken: FoldedEvent[] = [];
  while (taken.length < count) {
    const next = events.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

/** Processor time of this process: others on the machine do not count. */
function cpuMicrosOf(act: () => void): number {
  const start = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

interface Costs {
  /** Microseconds an event. */
  readonly rules: number;
  readonly folds: number;
}

/**
 * As the exporter does it: batch after batch of freshly decoded events. What is timed apart is done one after the other
 * for a whole batch.
 */
function costsOf(rounds: number): Costs[] {
  const state = new LiveState();
  const rules = new Rules(0);
  const stream = eventStream({ ids: 'ulid', fromMs: START_MS, msPerEvent: 500 });
  let seq = 0;
  const nextBatch = (): LoggedEvent[] =>
    decoded(stream.next(BATCH)).map((event) => {
      seq += 1;
      return { seq, input: 'http', receivedMs: event.timeMs, event };
    });
  const costOfBatch = (): Costs => {
    const events = nextBatch();
    const facts: Fact[] = [];
    const of: LoggedEvent[] = [];
    const rulesMicros = cpuMicrosOf(() => {
      for (const event of events) {
        rules.interpret(event, facts);
        while (of.length < facts.length) of.push(event);
      }
    });
    const foldMicros = cpuMicrosOf(() => {
      foldFacts(state, { events, facts, of });
    });
    return { rules: rulesMicros / BATCH, folds: foldMicros / BATCH };
  };
  // The first ones are not counted: code is compiled as it is used.
  for (let batch = 0; batch < BATCHES_TO_WARM_UP; batch += 1) costOfBatch();
  return Array.from({ length: rounds }, () => {
    const costs = Array.from({ length: BATCHES }, costOfBatch);
    return {
      rules: mean(costs.map((one) => one.rules)),
      folds: mean(costs.map((one) => one.folds)),
    };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function decoded(body: Buffer): readonly FoldedEvent[] {
  const splitter = new BodySplitter(body, 'lines');
  splitter.step(() => false);
  if (!(splitter.result instanceof Uint32Array)) throw new Error('these lines should be lines');
  const decoder = new BatchDecoder(body, splitter.result, {
    receivedMs: Number.MAX_SAFE_INTEGER,
    forgottenMs: undefined,
  });
  decoder.step(() => false);
  decoder.group('http');
  return Array.from({ length: decoder.size }, (_, place) => decoder.inOrder(place));
}

const costs = costsOf(ROUNDS);
tell(
  'all folds together, an event',
  median(costs.map(({ folds }) => folds)),
  'us',
  EVENT_MICROS_MAX,
);
console.log(
  `${'(the incident rules before them, an event'.padEnd(58)} ${median(costs.map(({ rules }) => rules)).toFixed(3)} us)`,
);

interface Load {
  readonly name: string;
  /** The failure type of the pair of events of this number. */
  readonly typeOf: (pair: number) => number;
  readonly days: number;
}

const LOADS: readonly Load[] = [
  { name: 'each strategy for one type, a day', typeOf: (pair) => pair, days: 1 },
  {
    name: 'each strategy for every type, two weeks',
    typeOf: (pair) => pair + Math.floor(pair / STRATEGIES),
    days: 14,
  },
];

interface TickMillis {
  /** Every strategy is at work between two: nothing that was worked out still holds. */
  readonly busy: readonly number[];
  /** Nothing happens between two. */
  readonly quiet: readonly number[];
}

/** Milliseconds of ticks one after another. */
function tickMillis({ typeOf, days }: Load): TickMillis {
  const state = new LiveState();
  const attemptsEach = ATTEMPTS_BEFORE + TICKS_TO_WARM_UP + ROUNDS;
  const msPerEvent = (days * 86_400_000) / (2 * STRATEGIES * attemptsEach);
  const events = eventsOf({ typeOf: (pair) => typeOf(pair) % FAILURE_TYPES, msPerEvent });
  let nowMs = START_MS;
  const foldNext = (count: number): void => {
    for (const event of take(events, count)) {
      nowMs = event.timeMs;
      state.apply({ seq: state.seq + 1, input: 'http', receivedMs: nowMs, event });
    }
  };
  foldNext(2 * STRATEGIES * ATTEMPTS_BEFORE);
  const tick = (): number => cpuMicrosOf(() => deriveGauges(state, nowMs)) / 1000;
  const busy = Array.from({ length: TICKS_TO_WARM_UP + ROUNDS }, () => {
    foldNext(2 * STRATEGIES);
    return tick();
  });
  const quiet = Array.from({ length: ROUNDS }, () => {
    nowMs += TICK_EVERY_MS;
    return tick();
  });
  return { busy: busy.slice(TICKS_TO_WARM_UP), quiet };
}

for (const load of LOADS) {
  const { busy, quiet } = tickMillis(load);
  tell(`a tick, ${load.name}`, median(busy), 'ms', TICK_MS_MAX);
  tell('  the same where nothing has happened since', median(quiet), 'ms', QUIET_TICK_MS_MAX);
}

/** Heap and what lies beside it, after all that is not held has gone. */
function bytesHeld(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const attemptsEach = isShort ? 50 : 300;
const strategies = 10_000;
// The names are held by others as well.
const names = Array.from({ length: strategies }, (_, i) => `Strategy${i}`);
const before = bytesHeld();
const trends = new SuccessTrends();
for (let n = 0; n < attemptsEach; n += 1) {
  for (const strategy of names) {
    trends.apply({
      kind: 'attempt_ended',
      source: '/bench',
      timeMs: START_MS + n * 60_000,
      failureId: 'f',
      strategy,
      failureType: 't',
      agentId: undefined,
      severity: 'high',
      outcome: random() < 0.9 ? 'succeeded' : 'failed',
      reason: 'unspecified',
      trigger: 'reactive',
      durationMs: 1,
      attempt: 1,
      attemptOfStrategy: 1,
      firstOfStrategy: true,
      inOrder: true,
    });
  }
}
const bytes = (bytesHeld() - before) / strategies;
// Asked after, so that they are held while they are weighed.
if (trends.snapshot().length !== strategies) throw new Error('some strategies have no trend');
tell('10,000 success trends, all that they hold', (bytes * strategies) / 1e6, 'MB', 20);
tell('one success trend, all that it holds', bytes, 'bytes', STRATEGY_BYTES_MAX);
// A short run proves nothing but that it works: its few rounds are not held against the limits.
if (outside.length > 0 && !isShort) {
  console.log(`Outside of the limits: ${outside.join('; ')}`);
  process.exitCode = 1;
}
