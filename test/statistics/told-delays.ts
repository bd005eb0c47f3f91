/** The changes of which docs/analysis.md tells how long it takes to notice them. */

export const TOLD_CHANGES = [
  [0.95, 0.85],
  [0.95, 0.7],
  [0.9, 0.5],
  [0.7, 0.5],
  [0.7, 0.9],
] as const;

/** Attempts a day, results to a false alarm (those of 30 days), results before the change. */
export const TOLD_RATES = [
  ['33 a day or fewer', 1e3, 200],
  ['33 a day or fewer', 1e3, 1_000],
  ['333 a day', 1e4, 100],
  ['333 a day', 1e4, 200],
  ['333 a day', 1e4, 1_000],
  ['33,000 a day', 1e6, 1_000],
] as const;
