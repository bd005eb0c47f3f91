/**
 * The open incidents in the order in which they opened, and under numbers. They are the links of the list themselves:
 * links of their own would be half as large again as what they link.
 */
import type { Incident } from './incident.js';

export interface ReadonlyOpenIncidents extends Iterable<Incident> {
  readonly size: number;
  values(): IterableIterator<Incident>;
}

export class OpenIncidents implements ReadonlyOpenIncidents {
  #size = 0;
  #first: Incident | undefined;
  #last: Incident | undefined;
  readonly #byPlace: (Incident | undefined)[] = [];
  /** Places that nobody has any more. */
  readonly #free: number[] = [];

  get size(): number {
    return this.#size;
  }

  /** Puts one that is not among them at the end, and gives it a place. */
  add(incident: Incident): void {
    incident.place = this.#free.pop() ?? this.#byPlace.length;
    this.#byPlace[incident.place] = incident;
    incident.before = this.#last;
    if (this.#last === undefined) this.#first = incident;
    else this.#last.after = incident;
    this.#last = incident;
    this.#size += 1;
  }

  at(place: number): Incident | undefined {
    return this.#byPlace[place];
  }

  /** Takes out one that is among them. */
  remove(incident: Incident): void {
    const { before, after, place } = incident;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    // One that is held on to must not hold others that are gone long since.
    incident.before = undefined;
    incident.after = undefined;
    incident.place = -1;
    this.#byPlace[place] = undefined;
    this.#free.push(place);
    this.#size -= 1;
  }

  /** Nothing may be removed meanwhile. */
  *values(): IterableIterator<Incident> {
    for (let one = this.#first; one !== undefined; one = one.after) yield one;
  }

  [Symbol.iterator](): IterableIterator<Incident> {
    return this.values();
  }
}
