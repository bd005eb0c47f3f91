// The protobuf answer, decoded by another's decoder, beside the text of the same reading.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LiveState } from '../../../src/core/state/live-state.js';
import { OpenMetricsWriter } from '../../../src/exposition/prometheus/openmetrics-writer.js';
import { TextWriter } from '../../../src/exposition/prometheus/text-writer.js';
import { ProtobufWriter } from '../../../src/exposition/protobuf/protobuf-writer.js';
import { spansOf } from '../../../src/exposition/protobuf/spans.js';
import { RowWalker, type MetricFamily } from '../../../src/exposition/row-walker.js';
import { metricRows } from '../../../src/metrics/table.js';
import { oneOfEverything } from '../../metrics/every-event.js';
import { samplesOf, viewOf } from '../../metrics/scrape.js';
import { at, completed, detected, fold } from '../../support/events.js';
import { written, writtenBytes } from '../written.js';
import { decodeFamilies, labelsOf, type DecodedHistogram } from './metrics-proto.js';

const DURATIONS = 'selfhealer_healing_duration_seconds';
/** By the events of these tests. */
const RECEIVED_AFTER_MS = 5;
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE_ID}-${SPAN_ID}-01`;

function readingOf(state: LiveState): readonly MetricFamily[] {
  return new RowWalker(metricRows(['agents', 'circuits'])).read(viewOf(state));
}

function histogramOf(state: LiveState, name: string, labels: string): DecodedHistogram {
  const families = decodeFamilies(writtenBytes(new ProtobufWriter(), readingOf(state)));
  const metrics = families.find((family) => family.name === name)?.metric ?? [];
  const found = metrics.find((metric) => labelsOf(metric) === labels)?.histogram;
  return found ?? expect.fail(`no ${name}{${labels}}`);
}

test('it says what the text says: every family, type, label and value', () => {
  const reading = readingOf(fold(oneOfEverything()).state);
  const values = new Map(
    samplesOf(written(new TextWriter(), reading)).map(({ series, value }) => [series, value]),
  );
  const seen = new Set<string>();
  for (const { name, type, metric } of decodeFamilies(
    writtenBytes(new ProtobufWriter(), reading),
  )) {
    for (const one of metric) {
      const labels = one.label.map((label) => `${label.name}="${label.value}"`);
      const of = (suffix: string, ...more: string[]): number | undefined => {
        const all = [...more, ...labels].join(',');
        const series = `${name}${suffix}${all === '' ? '' : `{${all}}`}`;
        seen.add(series);
        return values.get(series);
      };
      const { histogram } = one;
      if (histogram === undefined) {
        expect(of('')).toBe(type === 'COUNTER' ? one.counter?.value : one.gauge?.value);
        continue;
      }
      expect(of('_count')).toBe(histogram.sample_count);
      expect(of('_sum')).toBe(histogram.sample_sum);
      expect(of('_bucket', 'le="+Inf"')).toBe(histogram.sample_count);
      for (const { upper_bound: bound, cumulative_count: count } of histogram.bucket) {
        if (Number.isFinite(bound)) expect(of('_bucket', `le="${bound}"`)).toBe(count);
      }
    }
  }
  expect([...values.keys()].filter((series) => !seen.has(series))).toEqual([]);
});

describe('a native histogram', () => {
  test('holds every observation in the bucket that covers it, whatever the values', () => {
    const durations = fc.array(fc.double({ min: 1e-6, max: 2.6e9, noNaN: true }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(durations, (durationsMs) => {
        const events = durationsMs.map((durationMs, i) => completed(i, `f${i}`, { durationMs }));
        const { state } = fold(events);
        const labels = 'strategy=AgentRestartStrategy,outcome=succeeded';
        const histogram = histogramOf(state, DURATIONS, labels);
        const counts = countsOf(histogram);
        const base = 2 ** (2 ** -(histogram.schema ?? 0));
        const expected = new Map<number, number>();
        for (const durationMs of durationsMs) {
          const index = [...counts.keys()].find((i) => {
            const value = durationMs / 1000;
            return value > base ** (i - 1) * (1 - 1e-9) && value <= base ** i * (1 + 1e-9);
          });
          if (index === undefined) expect.fail(`${durationMs} ms is in no bucket`);
          expected.set(index, (expected.get(index) ?? 0) + 1);
        }
        const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
        expect(total + (histogram.zero_count ?? 0)).toBe(durationsMs.length);
      }),
      { seed: 6, numRuns: 60 },
    );
  });

  test('is told from a classic one also when it is empty', () => {
    const state = fold([completed(0, 'f1')]).state;
    const labels = 'strategy=AgentRestartStrategy,outcome=failed';
    expect(histogramOf(state, DURATIONS, labels)).toMatchObject({ sample_count: 0, zero_count: 0 });
    expect(histogramOf(state, DURATIONS, labels).zero_threshold).toBeGreaterThan(0);
    const classic = histogramOf(state, 'selfhealer_exporter_event_lag_seconds', 'input=http');
    expect(classic.zero_threshold).toBeUndefined();
    expect(classic.bucket).toHaveLength(16);
  });

  test('says since when it counts: the receipt of its first event', () => {
    const state = fold([completed(7, 'f1')]).state;
    const labels = 'strategy=AgentRestartStrategy,outcome=succeeded';
    const { seconds, nanos } = histogramOf(state, DURATIONS, labels).created_timestamp ?? {};
    expect((seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6).toBe(at(7) + RECEIVED_AFTER_MS);
  });
});

test('spans and deltas give back the counts that they were made of', () => {
  const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(1000)), { maxLength: 400 });
  fc.assert(
    fc.property(fc.integer({ min: -4000, max: 4000 }), counts, (offset, given) => {
      const { spans, deltas } = spansOf(offset, given);
      const histogram = {
        positive_span: spans.map(({ gap, length }) => ({ offset: gap, length })),
        positive_delta: deltas,
      };
      const back = countsOf(histogram);
      for (const [i, count] of given.entries()) expect(back.get(offset + i) ?? 0).toBe(count);
      expect(deltas).toHaveLength(spans.reduce((sum, { length }) => sum + length, 0));
      expect(spans.slice(1).every(({ gap }) => gap > 2)).toBe(true);
    }),
    { seed: 6, numRuns: 300 },
  );
});

describe('an exemplar', () => {
  test('leads to the trace and the failure, in OpenMetrics and protobuf alike', () => {
    const state = fold([
      { ...completed(3, 'f1', { durationMs: 153 }), traceparent: TRACEPARENT },
    ]).state;
    const text = written(new OpenMetricsWriter({ created: false }), readingOf(state));
    const seconds = (at(3) / 1000).toFixed(3);
    expect(text).toContain(
      `${DURATIONS}_bucket{le="0.25",strategy="AgentRestartStrategy",outcome="succeeded"} 1 ` +
        `# {trace_id="${TRACE_ID}",span_id="${SPAN_ID}",failure_id="f1"} 0.153 ${seconds}\n`,
    );
    const labels = 'strategy=AgentRestartStrategy,outcome=succeeded';
    const { bucket, exemplars } = histogramOf(state, DURATIONS, labels);
    const found = bucket.find(({ upper_bound: bound }) => bound === 0.25)?.exemplar;
    expect(found === undefined ? '' : labelsOf(found)).toBe(
      `trace_id=${TRACE_ID},span_id=${SPAN_ID},failure_id=f1`,
    );
    expect(exemplars.map(({ value }) => value)).toEqual([0.153]);
  });

  test.each([
    ['55 characters fit beside a trace', 'f'.repeat(55), TRACEPARENT, true],
    ['56 do not: the trace alone', 'f'.repeat(56), TRACEPARENT, false],
    ['55 letters of two halves each fit too', '𝕗'.repeat(55), TRACEPARENT, true],
    ['118 fit alone', 'f'.repeat(118), undefined, true],
  ])('%s', (_name, failureId, traceparent, isShown) => {
    const event = { ...completed(0, failureId), traceparent };
    const text = written(new OpenMetricsWriter({ created: false }), readingOf(fold([event]).state));
    expect(text.includes(`failure_id="${failureId}"`)).toBe(isShown);
    expect(text.includes('trace_id=')).toBe(traceparent !== undefined);
  });

  test('of nothing that fits is left out', () => {
    const { state } = fold([completed(0, 'f'.repeat(119))]);
    expect(written(new OpenMetricsWriter({ created: false }), readingOf(state))).not.toContain(
      ' # {',
    );
  });

  test('is the newest of its bucket, and is there again after a restart', () => {
    const events = ['f1', 'f2', 'f3'].map((id, i) => completed(i, id, { durationMs: 100 + i }));
    const { state } = fold([detected(0, 'f1'), ...events]);
    const writer = new OpenMetricsWriter({ created: true });
    const text = written(writer, readingOf(state));
    expect(text).toMatch(/le="0.25".* # \{failure_id="f3"\} 0.102 /);
    expect(text).not.toContain('failure_id="f2"} 0.101');
    const restored = LiveState.restore(state.snapshot());
    if (restored === undefined) expect.fail('no state');
    expect(written(writer, readingOf(restored))).toBe(text);
  });
});

function countsOf(
  given: Pick<DecodedHistogram, 'positive_span' | 'positive_delta'>,
): Map<number, number> {
  const counts = new Map<number, number>();
  let index = 0;
  let count = 0;
  let delta = 0;
  for (const { offset, length } of given.positive_span) {
    index += offset;
    for (let i = 0; i < length; i += 1) {
      count += given.positive_delta[delta++] ?? 0;
      counts.set(index++, count);
    }
  }
  return counts;
}
