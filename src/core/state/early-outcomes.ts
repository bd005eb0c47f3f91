/**
 * Outcomes of predictions whose time has not passed. A hit is known at once and a miss only at the end: who counted
 * each when it is known would find that of many predictions made together all came true, until the last of them ends.
 */
import { AHEAD_MS_MAX } from '../decode/limits.js';
import type { PredictionSettled } from '../facts.js';

export type EarlyOutcome = Pick<
  PredictionSettled,
  'predictor' | 'outcome' | 'confidence' | 'leadMs' | 'chance' | 'preventive' | 'endMs'
>;

/** Beyond so many that are not compared with chance the oldest do not wait. The others overlap in no subject: few. */
const UNCOMPARED_MAX = 20_000;
/** So many are gathered before it is worth while to look which have ended. */
const SWEPT_MIN = 1_000;

export interface EarlyOutcomesSnapshot {
  readonly waiting: readonly EarlyOutcome[];
  readonly sweepAt: number;
}

export class EarlyOutcomes {
  /** In the order in which they were settled. */
  #waiting: EarlyOutcome[] = [];
  #sweepAt = SWEPT_MIN;

  get waiting(): readonly EarlyOutcome[] {
    return this.#waiting;
  }

  /** Returns those that need not wait any longer, as far as it is worth while to look for them. */
  add(settled: PredictionSettled): readonly EarlyOutcome[] {
    const { predictor, outcome, confidence, leadMs, chance, preventive, endMs } = settled;
    this.#waiting.push({ predictor, outcome, confidence, leadMs, chance, preventive, endMs });
    if (this.#waiting.length < this.#sweepAt) return [];
    // An event may run ahead of the clock: what it says is past for itself may not be for those who look.
    return this.#sweep(settled.timeMs - AHEAD_MS_MAX);
  }

  snapshot(): EarlyOutcomesSnapshot {
    return { waiting: this.#waiting, sweepAt: this.#sweepAt };
  }

  /** Undefined of an older release, which let none wait. */
  restore(snapshot: EarlyOutcomesSnapshot | undefined): void {
    this.#waiting = (snapshot?.waiting ?? []).map((one) => ({
      ...one,
      leadMs: one.leadMs,
      chance: one.chance,
    }));
    this.#sweepAt = snapshot?.sweepAt ?? SWEPT_MIN;
  }

  #sweep(nowMs: number): EarlyOutcome[] {
    const uncompared = this.#waiting.filter((one) => isUncompared(one) && !hasPassed(one, nowMs));
    let excess = uncompared.length - UNCOMPARED_MAX;
    const over: EarlyOutcome[] = [];
    const waiting: EarlyOutcome[] = [];
    for (const one of this.#waiting) {
      let isOver = hasPassed(one, nowMs);
      if (!isOver && excess > 0 && isUncompared(one)) {
        isOver = true;
        excess -= 1;
      }
      (isOver ? over : waiting).push(one);
    }
    this.#waiting = waiting;
    this.#sweepAt = Math.max(SWEPT_MIN, 2 * waiting.length);
    return over;
  }
}

/** A failure at the very end still makes a prediction true. */
export function hasPassed({ endMs }: { readonly endMs: number }, nowMs: number): boolean {
  return endMs < nowMs;
}

function isUncompared({ chance }: EarlyOutcome): boolean {
  return chance === undefined;
}
