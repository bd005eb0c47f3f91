/** What was promised and what was measured: held against each other, and noted for the table at the end of a run. */
import { expect, TestRunner } from 'vitest';

export interface Row {
  readonly check: string;
  /** Empty where a figure is only told. */
  readonly limit: string;
  readonly measured: string;
}

declare module 'vitest' {
  interface TaskMeta {
    rows?: Row[];
  }
}

/** Holds a measured value against its limit. */
export function atMost(check: string, measured: number, limit: number): void {
  note(check, measured, `≤ ${rounded(limit)}`);
  expect(measured, check).toBeLessThanOrEqual(limit);
}

export function atLeast(check: string, measured: number, limit: number): void {
  note(check, measured, `≥ ${rounded(limit)}`);
  expect(measured, check).toBeGreaterThanOrEqual(limit);
}

/** A figure that docs/analysis.md tells without a promise. */
export function told(check: string, measured: number): void {
  note(check, measured, '');
}

/** What another rule makes of the same check: `limit` is what the rule in use keeps to, and this one must not. */
export function mustExceed(check: string, measured: number, limit: number): void {
  breaksAbove(`control, ${check}`, measured, limit);
}

export function mustFallShortOf(check: string, measured: number, limit: number): void {
  breaksBelow(`control, ${check}`, measured, limit);
}

/** The same for a rule of ours, broken on purpose. */
export function mutantExceeds(check: string, measured: number, limit: number): void {
  breaksAbove(`mutant, ${check}`, measured, limit);
}

export function mutantFallsShortOf(check: string, measured: number, limit: number): void {
  breaksBelow(`mutant, ${check}`, measured, limit);
}

function breaksAbove(check: string, measured: number, limit: number): void {
  note(check, measured, `fails: > ${rounded(limit)}`);
  expect(measured, `must break its limit: ${check}`).toBeGreaterThan(limit);
}

function breaksBelow(check: string, measured: number, limit: number): void {
  note(check, measured, `fails: < ${rounded(limit)}`);
  expect(measured, `must break its limit: ${check}`).toBeLessThan(limit);
}

function note(check: string, measured: number, limit: string): void {
  const meta = TestRunner.getCurrentTest()?.meta;
  if (meta === undefined) throw new Error(`${check}: outside of a test`);
  (meta.rows ??= []).push({ check, limit, measured: rounded(measured) });
}

function rounded(value: number): string {
  if (Math.abs(value) >= 1_000) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
