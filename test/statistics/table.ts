/** The table that a long run prints: what was promised, and what was measured. */
import { afterAll, expect } from 'vitest';

interface Row {
  readonly check: string;
  readonly limit: string;
  readonly measured: string;
}

const rows: Row[] = [];

afterAll(() => {
  if (rows.length === 0) return;
  const width = Math.max(...rows.map(({ check }) => check.length));
  const text = rows.map(
    ({ check, limit, measured }) => `${check.padEnd(width)}  ${limit.padEnd(12)}  ${measured}`,
  );
  console.log(text.join('\n'));
  rows.length = 0;
});

/** Holds a measured value against its limit, and notes both. */
export function atMost(check: string, measured: number, limit: number): void {
  rows.push({ check, limit: `<= ${rounded(limit)}`, measured: rounded(measured) });
  expect(measured, check).toBeLessThanOrEqual(limit);
}

export function atLeast(check: string, measured: number, limit: number): void {
  rows.push({ check, limit: `>= ${rounded(limit)}`, measured: rounded(measured) });
  expect(measured, check).toBeGreaterThanOrEqual(limit);
}

function rounded(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
