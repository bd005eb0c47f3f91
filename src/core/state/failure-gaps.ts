/**
 * How often a failure comes within a given time of any moment at all: what a prediction is compared with. Kept as the
 * times between failures, so that failures in bursts are not taken for more of a chance than they are.
 */
import { addToBins, binMiddleMs, type Bins } from '../bins.js';

/** Beyond so many, older gaps weigh half: a rate of long ago is not a chance of now. */
const GAPS_MAX = 500;
/** What the chance can be told from: failures, or else so many times the span without any. */
const FAILURES_MIN = 10;
const SPANS_MIN = 100;

export type FailureGapsSnapshot = readonly [
  sinceMs: number,
  newestMs: number,
  failures: number,
  gaps: readonly (readonly [number, number])[],
];

export class FailureGaps {
  #newestMs: number;
  #failures = 0;
  #weight = 0;
  #gaps: Bins = new Map();

  /** Watched from `sinceMs` on, Unix milliseconds. */
  constructor(private readonly sinceMs: number) {
    this.#newestMs = sinceMs;
  }

  /** Since it is watched. */
  get failures(): number {
    return this.#failures;
  }

  failed(timeMs: number): void {
    if (timeMs < this.sinceMs) return;
    this.#failures += 1;
    // One that comes late lies in a gap that has been counted already.
    if (timeMs < this.#newestMs) return;
    addToBins(this.#gaps, timeMs - this.#newestMs);
    this.#newestMs = timeMs;
    this.#weight += 1;
    if (this.#weight > GAPS_MAX) this.#forget();
  }

  /**
   * The share of past moments that a failure came within `spanMs` of, 0–1; one more failure than were seen is taken into
   * account. Undefined while too little was seen.
   */
  chanceWithin(spanMs: number, nowMs: number): number | undefined {
    const isWatched = nowMs - this.sinceMs >= SPANS_MIN * spanMs;
    if (this.#failures < FAILURES_MIN && !isWatched) return undefined;
    let followed = spanMs;
    let all = spanMs + Math.max(0, nowMs - this.#newestMs - spanMs);
    for (const [bin, count] of this.#gaps) {
      const gapMs = binMiddleMs(bin);
      followed += count * Math.min(gapMs, spanMs);
      all += count * gapMs;
    }
    return all === 0 ? 1 : followed / all;
  }

  snapshot(): FailureGapsSnapshot {
    return [this.sinceMs, this.#newestMs, this.#failures, [...this.#gaps]];
  }

  static restore([sinceMs, newestMs, failures, gaps]: FailureGapsSnapshot): FailureGaps {
    const restored = new FailureGaps(sinceMs);
    restored.#newestMs = newestMs;
    restored.#failures = failures;
    restored.#gaps = new Map(gaps);
    for (const [, count] of gaps) restored.#weight += count;
    return restored;
  }

  #forget(): void {
    for (const [bin, count] of this.#gaps) this.#gaps.set(bin, count / 2);
    this.#weight /= 2;
  }
}
