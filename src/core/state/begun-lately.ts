/**
 * What began lately, ended or not. What goes on at a moment is long by selection, because the short has ended already:
 * it can only be judged beside what began at the same time and has ended.
 */

/** So many at most are looked at: where there are more, a fair sample. */
const BEGUN_MAX = 1_024;

/** What began at a time, and has taken so long until its end, or until now. */
export interface Begun {
  readonly startMs: number;
  readonly durationMs: number;
}

export interface GoingOn {
  /** How long it has been going on, each. */
  readonly agesMs: readonly number[];
  readonly nowMs: number;
  readonly typicalMs: number | undefined;
  /** What was waited for in vain, [duration, beginning, …]. */
  readonly givenUp: readonly number[];
}

/**
 * Everything that began between the oldest end remembered and the typical duration before now: of that, what has ended
 * or was given up is remembered, and what has not goes on. What began later cannot have shown yet.
 *
 * `ended` is [duration, time of the end, …] of the newest that ended, oldest first. Ascending by beginning; empty
 * where nothing that goes on began in that time.
 */
export function begunLately(
  ended: readonly number[],
  { agesMs, nowMs, typicalMs, givenUp }: GoingOn,
): readonly Begun[] {
  const fromMs = ended[1];
  if (fromMs === undefined || typicalMs === undefined) return [];
  const toMs = nowMs - typicalMs;
  const begun: Begun[] = [];
  const add = (startMs: number, durationMs: number): void => {
    if (startMs >= fromMs && startMs < toMs) begun.push({ startMs, durationMs });
  };
  for (const ageMs of agesMs) add(nowMs - ageMs, ageMs);
  if (begun.length === 0) return [];
  for (let i = 0; i < ended.length; i += 2) {
    const durationMs = ended[i] ?? 0;
    add((ended[i + 1] ?? 0) - durationMs, durationMs);
  }
  for (let i = 0; i < givenUp.length; i += 2) add(givenUp[i + 1] ?? 0, givenUp[i] ?? 0);
  const every = Math.ceil(begun.length / BEGUN_MAX);
  return begun.filter((_, i) => i % every === 0).sort((a, b) => a.startMs - b.startMs);
}
