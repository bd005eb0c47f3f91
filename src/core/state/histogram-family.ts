/** A family of histograms, and the bounds of their fixed buckets. */
import { Family, type FamilyOptions } from './family.js';
import type { FoldContext } from './fold.js';
import { newExemplars, noteExemplar, type OfFailure } from './exemplars.js';
import { newHistogram, observe, type Histogram } from './histogram.js';
import type { SeriesAtHand } from './series-at-hand.js';

export interface HistogramFamilyOptions extends Omit<FamilyOptions<Histogram>, 'create'> {
  /** Ascending, without infinity. */
  readonly bounds: readonly number[];
}

export class HistogramFamily extends Family<Histogram> {
  readonly #shape: { bounds: readonly number[] };

  constructor({ bounds, ...options }: HistogramFamilyOptions) {
    const shape = { bounds };
    super({ ...options, create: () => newHistogram(shape.bounds) });
    this.#shape = shape;
  }

  get bounds(): readonly number[] {
    return this.#shape.bounds;
  }

  /** Before anything is observed. */
  useBounds(bounds: readonly number[]): void {
    this.#shape.bounds = bounds;
    // Series that were announced have no observation yet.
    for (const { value } of this.values()) value.counts = newHistogram(bounds).counts;
  }

  observe(value: number, sinceMs: number, label: string): void {
    observe(this.at(sinceMs, label), this.#shape.bounds, value);
  }

  /** In a series of this family. What belongs to a failure becomes the exemplar of its bucket. */
  observeOf(
    value: number,
    of: OfFailure,
    { receivedMs, event }: FoldContext,
    series: SeriesAtHand<Histogram>,
  ): void {
    const histogram = series.at(receivedMs);
    const bucket = observe(histogram, this.#shape.bounds, value);
    histogram.exemplars ??= newExemplars(histogram.counts.length);
    noteExemplar(histogram.exemplars, bucket, value, of, event.traceparent);
  }
}
