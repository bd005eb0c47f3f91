/** What fits into an exemplar: 128 characters of names and values together, as OpenMetrics counts them. */
import { expect, test } from 'vitest';
import { exemplarOf } from '../../src/exposition/exemplar.js';
import type { HistogramValue } from '../../src/exposition/row-walker.js';

const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
/** `trace_id`, `span_id`, their values and `failure_id`. */
const TAKEN = 8 + 32 + 7 + 16 + 10;

function labelsOf(failureId: string, traceparent: string): readonly string[] {
  const value: HistogramValue = {
    counts: [1],
    count: 1,
    sum: 1,
    exponential: { scale: 0, zeros: 0, offset: 0, counts: [1] },
    exemplars: {
      values: [1],
      timesMs: [0],
      failureIds: [failureId],
      traceparents: [traceparent],
    },
  };
  return exemplarOf(value, 0)?.labels.map(([name]) => name) ?? [];
}

test.each([
  ['letters', 'f'],
  ['letters of two bytes', 'ü'],
  ['letters of two halves', '😀'],
])('%s count as one each, to the last that fits', (_name, letter) => {
  const left = 128 - TAKEN;
  expect(labelsOf(letter.repeat(left), TRACE)).toEqual(['trace_id', 'span_id', 'failure_id']);
  expect(labelsOf(letter.repeat(left + 1), TRACE)).toEqual(['trace_id', 'span_id']);
  expect(labelsOf(letter.repeat(118), '')).toEqual(['failure_id']);
  expect(labelsOf(letter.repeat(119), '')).toEqual([]);
});
