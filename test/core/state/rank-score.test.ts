import { expect, test } from 'vitest';
import { normalQuantile } from '../../../src/core/normal.js';
import { rankScore, REFERENCE_SIZE, takeIn } from '../../../src/core/state/rank-score.js';
import { uniform } from '../../support/random.js';

test('a duration is scored by those below it and half of those that equal it', () => {
  const random = uniform(4_711);
  for (const distinct of [1, 2, 5, 40, 10_000]) {
    const reference: number[] = [];
    for (let n = 0; n < 100; n += 1) {
      const ms = Math.floor(random() * distinct);
      const less = reference.filter((other) => other < ms).length;
      const equal = reference.filter((other) => other === ms).length;
      const wanted = normalQuantile((less + equal / 2 + 0.5) / (reference.length + 1));
      expect(rankScore(reference, ms)).toBe(wanted);
      expect(takeIn(reference, ms)).toBe(wanted);
      expect(reference).toEqual([...reference].sort((a, b) => a - b));
      expect(reference).toHaveLength(Math.min(n + 1, REFERENCE_SIZE));
    }
  }
});
