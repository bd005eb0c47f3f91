import { expect, test } from 'vitest';
import { SparseCounts } from '../../src/core/sparse-counts.js';
import { uniform } from '../support/random.js';

test('it counts as a map does, and tells the numbers in their order', () => {
  for (const distinct of [1, 3, 50, 1_000]) {
    const random = uniform(distinct);
    const counts = new SparseCounts();
    const plain = new Map<number, number>();
    for (let n = 0; n < 500; n += 1) {
      const number = Math.floor(random() * distinct);
      counts.add(number);
      plain.set(number, (plain.get(number) ?? 0) + 1);
    }
    expect(counts.size).toBe(plain.size);
    expect([...counts]).toEqual([...plain].sort(([a], [b]) => a - b));
  }
});
