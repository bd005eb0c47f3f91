/**
 * Nothing that was acknowledged is lost when the power goes, at any write. The long form loses it a
 * thousand times.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { losePower, setUp, tearDown, type Bench } from './tools/power.js';

let bench: Bench;
beforeAll(() => {
  bench = setUp();
});
afterAll(() => {
  tearDown(bench);
});

describe('a power loss', () => {
  test('loses nothing that was acknowledged and keeps nothing twice, a hundred times', async () => {
    const { losses, acknowledged, lost, findings } = await losePower(bench, { losses: 100 });
    expect(findings).toEqual([]);
    expect(lost).toBe(0);
    expect(losses).toBeGreaterThan(90);
    expect(acknowledged).toBeGreaterThan(1000);
  }, 180_000);

  // Without this, the test above would prove nothing.
  test('does lose acknowledged events when the log is not synced at every commit', async () => {
    const { lost } = await losePower(bench, { losses: 10, synchronous: 'NORMAL' });
    expect(lost).toBeGreaterThan(0);
  }, 60_000);
});
