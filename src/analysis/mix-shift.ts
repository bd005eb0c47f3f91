/** Whether a strategy changed, or only the failures that it was given. */
import type { History } from '../core/ports.js';
import { ratio } from './totals.js';

/** Attempts on each side of the change below which nothing is said. */
const ATTEMPTS_MIN = 20;
/** The mix explains a change when at least this share of it remains with every type's own rate unchanged. */
const MOSTLY = 0.5;

export interface MixShift {
  /** Success rates before and after, 0–1. */
  readonly before: number;
  readonly after: number;
  /** How much of the difference comes from other failure types in other shares, at the rates of before. */
  readonly byMix: number;
  /** And how much from other rates on the same types. */
  readonly byRates: number;
  /** The mix alone explains most of it. */
  readonly isMix: boolean;
}

/** What a change comes from, or why that is not told. */
export type MixFinding = { readonly shift: MixShift } | { readonly missing: string };

export function mixFinding(before: History, after: History): MixFinding {
  const shift = mixShift(before, after);
  if (shift !== undefined) return { shift };
  return { missing: `fewer than ${ATTEMPTS_MIN} attempts are known before or after the change` };
}

/** Undefined where it is not told, or where no change stands. */
export function shiftOf(finding: MixFinding | undefined): MixShift | undefined {
  return finding !== undefined && 'shift' in finding ? finding.shift : undefined;
}

/** Undefined where it is told, or where no change stands. */
export function missingOf(finding: MixFinding | undefined): string | undefined {
  return finding !== undefined && 'missing' in finding ? finding.missing : undefined;
}

/**
 * Splits the difference of a strategy's success rate before and after a change in two: types in other shares, and
 * other rates on the same types.
 *
 * Units: shares 0–1; `byMix + byRates` is `after − before`.
 * Left out: skipped attempts. A type that is new after the change has no rate before: the mean rate stands for it.
 * No data: undefined below 20 attempts on either side.
 * Errors: none.
 * Source: Kitagawa, Components of a Difference Between Two Rates (1955), weighted by the shares after.
 */
export function mixShift(before: History, after: History): MixShift | undefined {
  const old = countsOf(before);
  const now = countsOf(after);
  const rateBefore = ratio(old.succeeded, old.attempts);
  const rateAfter = ratio(now.succeeded, now.attempts);
  if (rateBefore === undefined || rateAfter === undefined) return undefined;
  if (old.attempts < ATTEMPTS_MIN || now.attempts < ATTEMPTS_MIN) return undefined;
  let expected = 0;
  for (const [failureType, { attempts }] of now.types) {
    const known = old.types.get(failureType);
    const rate = (known && ratio(known.succeeded, known.attempts)) ?? rateBefore;
    expected += (attempts / now.attempts) * rate;
  }
  const byMix = expected - rateBefore;
  const difference = rateAfter - rateBefore;
  return {
    before: rateBefore,
    after: rateAfter,
    byMix,
    byRates: rateAfter - expected,
    isMix: difference !== 0 && byMix / difference >= MOSTLY,
  };
}

interface Counts {
  attempts: number;
  succeeded: number;
}

function countsOf({ cells }: History): Counts & { readonly types: ReadonlyMap<string, Counts> } {
  const types = new Map<string, Counts>();
  const all = { attempts: 0, succeeded: 0, types };
  for (const { failureType, cell } of cells) {
    const ofType = types.get(failureType) ?? { attempts: 0, succeeded: 0 };
    types.set(failureType, ofType);
    for (const counts of [all, ofType]) {
      counts.attempts += cell.succeeded + cell.failed;
      counts.succeeded += cell.succeeded;
    }
  }
  return all;
}
