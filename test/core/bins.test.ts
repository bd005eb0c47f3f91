import { expect, test } from 'vitest';
import { binEndMs, binMiddleMs, binOf } from '../../src/core/bins.js';

test('any duration lies in the bin that ends at or above it, above the end of the one before', () => {
  const shortMs = Array.from({ length: 5_000 }, (_, ms) => [ms, ms + 0.5]).flat();
  for (const ms of [...shortMs, 4_095.999, 1e5, 2 ** 31, 2 ** 32 + 5, 3e10]) {
    const bin = binOf(ms);
    expect(binEndMs(bin)).toBeGreaterThanOrEqual(ms * (1 - 1e-12));
    if (bin > 0) expect(binEndMs(bin - 1)).toBeLessThan(ms);
    expect(binMiddleMs(bin)).toBeLessThan(binEndMs(bin));
  }
});
