/**
 * One family of series: label values to a value, bounded. First come, first kept, for ever, in the order of the
 * log; what comes later shares one overflow entry per combination of closed labels. Totals stay exact.
 */

import { LabelTree } from '../label-tree.js';

export const OVERFLOW = '__overflow__';

export interface FamilyOptions<V> {
  /** Which labels take values from events; the others are closed lists. Same order as the values, three at most. */
  readonly open: readonly boolean[];
  readonly labelSetsMax: number;
  /** Values go down again, by the labels that they went up with: so these must stay apart, or stay together. */
  readonly goesDown?: boolean;
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
  /** In the order in which they came. */
  #series: Series<V>[] = [];
  #byLabels = new LabelTree<Series<V>>();
  #overflows = 0;
  #labelSetsMax: number;

  constructor(private readonly options: FamilyOptions<V>) {
    this.#labelSetsMax = options.labelSetsMax;
  }

  get size(): number {
    return this.#series.length;
  }

  get labelSetsMax(): number {
    return this.#labelSetsMax;
  }

  /** Observations that shared the overflow entry. */
  get overflows(): number {
    return this.#overflows;
  }

  values(): readonly Series<V>[] {
    return this.#series;
  }

  /** Undefined when there is no entry of its own for these labels. */
  find(labels: readonly string[]): V | undefined {
    return this.#entry(labels)?.value;
  }

  /** The entry of these labels, made when there is room, else the one for the rest. */
  at(sinceMs: number, first?: string, second?: string, third?: string): V {
    const known = this.#byLabels.get(first, second, third);
    if (known !== undefined) return known.value;
    const labels = [first, second, third].filter((label) => label !== undefined);
    if (this.#series.length < this.#labelSetsMax) return this.#add(labels, sinceMs);
    this.#overflows += 1;
    return this.#overflow(labels, sinceMs);
  }

  /** Another cap, for what comes from now on. Label sets that are apart stay apart. */
  limit(labelSetsMax: number): void {
    this.#labelSetsMax = labelSetsMax;
    this.#leaveTogether();
  }

  /** Makes the entry if there is room; a label set that was only announced is no overflow. */
  announce(labels: readonly string[], sinceMs: number): void {
    if (this.#series.length >= this.#labelSetsMax) return;
    if (this.#entry(labels) === undefined) this.#add(labels, sinceMs);
  }

  /** Shares its values with the family: to be written out at once. */
  snapshot(): FamilySnapshot<V> {
    return { series: this.#series, overflows: this.#overflows };
  }

  restore({ series, overflows }: FamilySnapshot<V>): void {
    this.#series = [];
    this.#byLabels = new LabelTree();
    for (const one of series) this.#keep(one);
    this.#overflows = overflows;
    this.#leaveTogether();
  }

  /** What went up in the entry for the rest must come down there: no room for it elsewhere any more. */
  #leaveTogether(): void {
    if (this.options.goesDown !== true || this.#overflows === 0) return;
    this.#labelSetsMax = Math.min(this.#labelSetsMax, this.#series.length);
  }

  #entry([first, second, third]: readonly string[]): Series<V> | undefined {
    return this.#byLabels.get(first, second, third);
  }

  #overflow(labels: readonly string[], sinceMs: number): V {
    const shared = labels.map((label, i) => (this.options.open[i] === true ? OVERFLOW : label));
    return this.#entry(shared)?.value ?? this.#add(shared, sinceMs);
  }

  #add(labels: readonly string[], sinceMs: number): V {
    const value = this.options.create();
    this.#keep({ labels: [...labels], value, sinceMs });
    return value;
  }

  #keep(series: Series<V>): void {
    this.#series.push(series);
    this.#byLabels.set(series.labels, series);
  }
}
