/**
 * A sparse logarithmic histogram: each bin is 8 % wider than the one before, so any quantile read from it is
 * within 4 % of the true one, over any span of durations, and two of them add up exactly.
 */

/** Bin number to count. */
export type Bins = Map<number, number>;

/** The same to be read, however it is kept. */
export interface CountedBins extends Iterable<readonly [bin: number, count: number]> {
  readonly size: number;
}

const GROWTH = 1.08;
const LOG_GROWTH = Math.log(GROWTH);
/** Everything at or below one millisecond shares the first bin. */
const FIRST_BIN = 0;

/** Bins of short durations in whole milliseconds, as most are: a logarithm is dear. */
const BINS_OF_SHORT = Uint8Array.from({ length: 4_096 }, (_, ms) => binByLogarithm(ms));

export function binOf(valueMs: number): number {
  const whole = valueMs | 0;
  const known = whole === valueMs && whole >= 0 ? BINS_OF_SHORT[whole] : undefined;
  return known ?? binByLogarithm(valueMs);
}

function binByLogarithm(valueMs: number): number {
  return valueMs <= 1 ? FIRST_BIN : Math.ceil(Math.log(valueMs) / LOG_GROWTH);
}

/** The geometric middle of a bin, in milliseconds; bin 0 stands for 0–1 ms. */
export function binMiddleMs(bin: number): number {
  return bin === FIRST_BIN ? 0.5 : GROWTH ** (bin - 0.5);
}

/** What lies in the bin is at most this. */
export function binEndMs(bin: number): number {
  return bin === FIRST_BIN ? 1 : GROWTH ** bin;
}

export function addToBins(bins: Bins, valueMs: number, count = 1): void {
  const bin = binOf(valueMs);
  bins.set(bin, (bins.get(bin) ?? 0) + count);
}

export function mergeBins(into: Bins, from: CountedBins): void {
  for (const [bin, count] of from) into.set(bin, (into.get(bin) ?? 0) + count);
}

export function countIn(bins: ReadonlyMap<number, number>): number {
  let count = 0;
  for (const inBin of bins.values()) count += inBin;
  return count;
}

/** The `q`-quantile in milliseconds; undefined when nothing was counted. */
export function quantileMs(bins: ReadonlyMap<number, number>, q: number): number | undefined {
  const total = countIn(bins);
  if (total === 0) return undefined;
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  const ascending = [...bins].sort(([a], [b]) => a - b);
  for (const [bin, count] of ascending) {
    seen += count;
    if (seen >= rank) return binMiddleMs(bin);
  }
  return undefined;
}
