import { afterAll, beforeAll, expect, test } from 'vitest';
import { losePower, setUp, tearDown, type Bench } from './tools/power.js';

let bench: Bench;
beforeAll(() => {
  bench = setUp();
});
afterAll(() => {
  tearDown(bench);
});

test('a thousand power losses lose nothing that was acknowledged and keep nothing twice', async () => {
  const { losses, lost, findings } = await losePower(bench, { losses: 1000 });
  expect(findings).toEqual([]);
  expect(lost).toBe(0);
  expect(losses).toBeGreaterThan(900);
});
