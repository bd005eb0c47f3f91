/** The normal score of a duration's rank among the first ones of its regime: durations have no common distribution. */
import { normalQuantile } from '../normal.js';

/** The reference stops growing here: one that went on would take in the change that it is to show. */
export const REFERENCE_SIZE = 64;
/** Scores at every half rank of a full reference: [2 · less + equal]. */
const SCORES = Float64Array.from({ length: 2 * REFERENCE_SIZE + 1 }, (_, twice) =>
  score(twice, REFERENCE_SIZE),
);

/** The score of a duration among `reference`, which is ascending. */
export function rankScore(reference: readonly number[], durationMs: number): number {
  return scoreAt(reference, firstNotBelow(reference, durationMs), durationMs);
}

/** The same; the reference takes the duration in while it is not full. */
export function takeIn(reference: number[], durationMs: number): number {
  const less = firstNotBelow(reference, durationMs);
  const z = scoreAt(reference, less, durationMs);
  if (reference.length < REFERENCE_SIZE) reference.splice(less, 0, durationMs);
  return z;
}

function scoreAt(reference: readonly number[], less: number, durationMs: number): number {
  const isTied = reference[less] === durationMs;
  const twice = less + (isTied ? firstAbove(reference, durationMs, less + 1) : less);
  if (reference.length === REFERENCE_SIZE) return SCORES[twice] ?? 0;
  return score(twice, reference.length);
}

/** `twice` is twice the rank, so that ties lie between. */
function score(twice: number, size: number): number {
  return normalQuantile((twice / 2 + 0.5) / (size + 1));
}

/** How many of `ascending` are not above the value, where the first `low` are not. */
function firstAbove(ascending: readonly number[], value: number, low: number): number {
  let first = low;
  let high = ascending.length;
  while (first < high) {
    const middle = (first + high) >> 1;
    if ((ascending[middle] ?? 0) <= value) first = middle + 1;
    else high = middle;
  }
  return first;
}

/** How many of `ascending` are below the value. */
function firstNotBelow(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
