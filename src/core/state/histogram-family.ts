/** A family of histograms, and the bounds of their fixed buckets. */
import { Family, type FamilyOptions } from './family.js';
import { newHistogram, observe, observeOf, type Histogram, type ObservedOf } from './histogram.js';

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

  observe(labels: readonly string[], sinceMs: number, value: number): void {
    observe(this.at(labels, sinceMs), this.#shape.bounds, value);
  }

  /** What belongs to a failure becomes the exemplar of its bucket. */
  observeOf(labels: readonly string[], sinceMs: number, observed: ObservedOf): void {
    observeOf(this.at(labels, sinceMs), this.#shape.bounds, observed);
  }
}
