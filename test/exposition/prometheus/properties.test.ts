// What holds for the text after any events.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveGauges } from '../../../src/analysis/derived.js';
import {
  CIRCUIT_STATES,
  DEGRADATION_LEVELS,
  OUTCOMES,
  PREDICTION_OUTCOMES,
  PREDICTORS,
  SEVERITIES,
  SKIP_REASONS,
  STATED_RESOLUTIONS,
  TRIGGERS,
  type HealingEvent,
} from '../../../src/core/event.js';
import { isIdentifier } from '../../../src/core/decode/identifier.js';
import { LiveState } from '../../../src/core/state/live-state.js';
import { registerMetrics } from '../../../src/exposition/prometheus/register.js';
import { createRegistry } from '../../../src/exposition/prometheus/registry.js';
import { SelfCounts } from '../../../src/metrics/self-counts.js';
import { at, fold, logged } from '../../support/events.js';
import { render, samplesOf, viewOf, type Sample } from '../../metrics/scrape.js';

const SEED = 20_261_123;
const OPT_INS = ['agents', 'circuits'] as const;

/** Few names, so that events meet, and some that are hard: whatever decode lets through. */
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', "it's", 'größe', '👩‍🔧', 'a:b=c'),
  },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => isIdentifier(text)),
  },
);
const orNone = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const word = <T>(words: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...words);

const envelope = {
  source: fc.constantFrom('/one', '/two'),
  id: fc.uuid(),
  timeMs: fc.integer({ min: 0, max: 7200 }).map((seconds) => at(seconds)),
};
const event: fc.Arbitrary<HealingEvent> = fc.oneof(
  fc.record({
    ...envelope,
    type: fc.constant('selfhealer.failure.detected' as const),
    failureId: name,
    failureType: name,
    agentId: orNone(name),
    severity: orNone(word(SEVERITIES)),
  }),
  fc.record({
    ...envelope,
    type: fc.constant('selfhealer.healing.started' as const),
    failureId: name,
    strategy: name,
    failureType: orNone(name),
    agentId: orNone(name),
  }),
  fc.record({
    ...envelope,
    type: fc.constant('selfhealer.healing.completed' as const),
    failureId: name,
    strategy: name,
    outcome: word(OUTCOMES),
    durationMs: fc.double({ min: 0, max: 2_678_400_000, noNaN: true }),
    actions: fc.constant([]),
    failureType: orNone(name),
    agentId: orNone(name),
    severity: orNone(word(SEVERITIES)),
    reason: orNone(word(SKIP_REASONS)),
    trigger: word(TRIGGERS),
  }),
  fc.record({
    ...envelope,
    type: fc.constant('selfhealer.failure.resolved' as const),
    failureId: name,
    resolution: word(STATED_RESOLUTIONS),
  }),
  fc.record({
    ...envelope,
    type: fc.constant('selfhealer.strategy.registered' as const),
    strategy: name,
    failureTypes: fc.array(name, { maxLength: 3 }),
  }),
  fc.record({
    ...envelope,
    type: fc.constant('selfhealer.failure.predicted' as const),
    predictionId: name,
    failureType: name,
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    agentId: orNone(name),
    expectedInMs: orNone(fc.nat(3_600_000)),
    predictor: orNone(word(PREDICTORS)),
  }),
  fc.record({
    ...envelope,
    type: fc.constant('selfhealer.prediction.resolved' as const),
    predictionId: name,
    outcome: word(PREDICTION_OUTCOMES),
  }),
  fc.record({
    ...envelope,
    type: fc.constant('selfhealer.circuit.changed' as const),
    circuit: name,
    state: word(CIRCUIT_STATES),
    strategy: orNone(name),
  }),
  fc.record({
    ...envelope,
    type: fc.constant('selfhealer.degradation.changed' as const),
    resource: name,
    level: word(DEGRADATION_LEVELS),
  }),
  fc.record({ ...envelope, type: fc.constant('selfhealer.heartbeat' as const) }),
);
const events = fc.array(event, { maxLength: 60 });

async function textOf(state: LiveState): Promise<string> {
  const view = viewOf(state, { report: deriveGauges(state, at(7200)), nowMs: at(7200) });
  return render(view, { optIns: OPT_INS });
}

test('no series stands there twice, every value is finite, every line is one', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (stream) => {
      const text = await textOf(fold(stream).state);
      const samples = samplesOf(text);
      expect(new Set(samples.map(({ series }) => series)).size).toBe(samples.length);
      expect(samples.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
      // What a reader of UTF-8 gets is what was written: no two series become one on the way.
      expect(Buffer.from(text).toString('utf8')).toBe(text);
    }),
    { numRuns: 150, seed: SEED },
  );
});

test('state sets have exactly one 1', async () => {
  const sets = [
    ['selfhealer_circuit_breaker_state', /,state="\w+"\}/],
    ['selfhealer_strategy_trend', /,trend="\w+"\}/],
    ['selfhealer_strategy_recommendation', /,recommendation="\w+"\}/],
  ] as const;
  await fc.assert(
    fc.asyncProperty(events, async (stream) => {
      const samples = samplesOf(await textOf(fold(stream).state));
      for (const [family, label] of sets) {
        const sums = new Map<string, number>();
        for (const one of samples.filter((sample) => sample.family === family)) {
          expect([0, 1]).toContain(one.value);
          const of = one.series.replace(label, '');
          sums.set(of, (sums.get(of) ?? 0) + one.value);
        }
        expect([...sums.values()].filter((sum) => sum !== 1)).toEqual([]);
      }
    }),
    { numRuns: 80, seed: SEED },
  );
});

test('counters and histograms never fall, and never go', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (stream) => {
      const state = new LiveState();
      const registry = createRegistry();
      const self = new SelfCounts();
      registerMetrics(registry, () => viewOf(state, { self }), { optIns: OPT_INS });
      let before: Sample[] = [];
      for (const [i, one] of stream.entries()) {
        state.apply(logged(one, i + 1));
        self.lag('http', 0.01 * i);
        if (i % 7 > 0) continue;
        const now = samplesOf(await registry.metrics());
        const values = new Map(now.map(({ series, value }) => [series, value]));
        for (const { type, series, value } of before) {
          if (type !== 'gauge') expect(values.get(series), series).toBeGreaterThanOrEqual(value);
        }
        before = now;
      }
    }),
    { numRuns: 60, seed: SEED },
  );
});

test('buckets are cumulative, and the last one is the count', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (stream) => {
      const samples = samplesOf(await textOf(fold(stream).state));
      let below = 0;
      for (const { type, series, value } of samples) {
        if (type !== 'histogram') continue;
        if (series.includes('_bucket{')) {
          expect(value).toBeGreaterThanOrEqual(below);
          below = value;
        } else if (/_count(\{|$)/.test(series)) {
          expect(value).toBe(below);
          below = 0;
        }
      }
    }),
    { numRuns: 60, seed: SEED },
  );
});

test('after a restart the text is the same, to the byte', async () => {
  await fc.assert(
    fc.asyncProperty(events, fc.nat(60), async (stream, cut) => {
      let state = new LiveState();
      for (const [i, one] of stream.entries()) {
        if (i === cut) state = LiveState.restore(state.snapshot()) ?? new LiveState();
        state.apply(logged(one, i + 1));
      }
      const whole = fold(stream).state;
      const restored = LiveState.restore(whole.snapshot()) ?? new LiveState();
      const text = await textOf(whole);
      expect(await textOf(state)).toBe(text);
      expect(await textOf(restored)).toBe(text);
    }),
    { numRuns: 100, seed: SEED },
  );
});
