/**
 * One family of series: label values to a value, bounded. First come, first kept, for ever, in the order of the
 * log; what comes later shares one overflow entry per combination of closed labels. Totals stay exact.
 */

export const OVERFLOW = '__overflow__';

export interface FamilyOptions<V> {
  /** Which labels take values from events; the others are closed lists. Same order as the values. */
  readonly open: readonly boolean[];
  readonly labelSetsMax: number;
  readonly create: () => V;
}

export interface Series<V> {
  readonly labels: readonly string[];
  readonly value: V;
  /** Receipt of its first event, Unix milliseconds: where a counter began. */
  readonly sinceMs: number;
}

export interface FamilySnapshot<V> {
  readonly series: readonly Series<V>[];
  readonly overflows: number;
}

export class Family<V> {
  #series = new Map<string, Series<V>>();
  #overflows = 0;

  constructor(private readonly options: FamilyOptions<V>) {}

  get size(): number {
    return this.#series.size;
  }

  get labelSetsMax(): number {
    return this.options.labelSetsMax;
  }

  /** Observations that shared the overflow entry. */
  get overflows(): number {
    return this.#overflows;
  }

  values(): IterableIterator<Series<V>> {
    return this.#series.values();
  }

  /** The entry of these labels, made when there is room, else the one for the rest. */
  at(labels: readonly string[], sinceMs: number): V {
    const key = labels.join(','); // no identifier holds a comma
    const known = this.#series.get(key);
    if (known !== undefined) return known.value;
    if (this.#series.size < this.options.labelSetsMax) return this.#add(key, labels, sinceMs);
    this.#overflows += 1;
    return this.#overflow(labels, sinceMs);
  }

  /** Makes the entry if there is room; a label set that was only announced is no overflow. */
  announce(labels: readonly string[], sinceMs: number): void {
    const key = labels.join(',');
    if (this.#series.has(key) || this.#series.size >= this.options.labelSetsMax) return;
    this.#add(key, labels, sinceMs);
  }

  /** Shares its values with the family: to be written out at once. */
  snapshot(): FamilySnapshot<V> {
    return { series: [...this.#series.values()], overflows: this.#overflows };
  }

  restore({ series, overflows }: FamilySnapshot<V>): void {
    this.#series = new Map(series.map((one) => [one.labels.join(','), one]));
    this.#overflows = overflows;
  }

  #overflow(labels: readonly string[], sinceMs: number): V {
    const shared = labels.map((label, i) => (this.options.open[i] === true ? OVERFLOW : label));
    const key = shared.join(',');
    return this.#series.get(key)?.value ?? this.#add(key, shared, sinceMs);
  }

  #add(key: string, labels: readonly string[], sinceMs: number): V {
    const value = this.options.create();
    this.#series.set(key, { labels: [...labels], value, sinceMs });
    return value;
  }
}
