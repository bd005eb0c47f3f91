/**
 * Which bucket of a base-2 exponential histogram holds a value. Bucket i of scale s covers (2^((i-1)/2^s), 2^(i/2^s)]:
 * two of a scale are one of the next. How a number stands in memory tells its doubling, and nearly always its bucket:
 * that takes a third of a logarithm's time, and every attempt is put into several histograms.
 */

export const FINEST_SCALE = 5;
const BUCKETS = 1 << FINEST_SCALE;
/** Bits of a fraction that are compared: those in the upper half of a number. */
const FRACTION_BITS = 20;
const EXPONENT_BIAS = 1023;
/** The upper bounds of the buckets of one doubling, as fractions. */
const BOUNDS = Int32Array.from({ length: BUCKETS + 1 }, (_, bucket) =>
  Math.floor((2 ** (bucket / BUCKETS) - 1) * 2 ** FRACTION_BITS),
);
/** By the first six bits of a fraction the bucket of the least such fraction: the one sought, or the one before it. */
const FIRST_BITS = 6;
const FIRST_BUCKETS = Int32Array.from({ length: 1 << FIRST_BITS }, (_, bits) =>
  BOUNDS.findIndex((bound) => bound >= bits << (FRACTION_BITS - FIRST_BITS)),
);
const NEAR_BOUND = 1e-9;

const bits = new DataView(new ArrayBuffer(8));

/** Of a positive value; exact powers of two lie in the bucket that they end. */
export function exponentialIndex(value: number, scale: number): number {
  const coarser = FINEST_SCALE - scale;
  return (finestIndex(value) + (1 << coarser) - 1) >> coarser;
}

export function bucketsPerDoubling(scale: number): number {
  return 2 ** scale;
}

function finestIndex(value: number): number {
  bits.setFloat64(0, value);
  const upper = bits.getInt32(0);
  const exponent = upper >>> FRACTION_BITS;
  if (exponent === 0) return indexByLogarithm(value);
  const fraction = upper & ((1 << FRACTION_BITS) - 1);
  const first = FIRST_BUCKETS[fraction >>> (FRACTION_BITS - FIRST_BITS)] ?? 0;
  const bucket = fraction > (BOUNDS[first] ?? 0) ? first + 1 : first;
  const isOnBound = fraction === BOUNDS[bucket];
  if (isOnBound && (fraction > 0 || bits.getInt32(4) !== 0)) return indexByLogarithm(value);
  return (exponent - EXPONENT_BIAS) * BUCKETS + bucket;
}

/** Also of what lies beside a bound, where the first bits of the fraction do not tell, and of the tiniest numbers. */
function indexByLogarithm(value: number): number {
  const position = Math.log2(value) * BUCKETS;
  const index = Math.ceil(position);
  // Only beside a bound may the logarithm have been rounded to the wrong side of it.
  if (index - position < 1 - NEAR_BOUND) return index;
  return 2 ** ((index - 1) / BUCKETS) >= value ? index - 1 : index;
}
