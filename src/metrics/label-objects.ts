/**
 * Label objects of a name, made once: a scrape makes none. For names that are bounded and stay, as those are that a row
 * shows.
 */
export class LabelObjects<V> {
  readonly #known = new Map<string, V>();

  constructor(private readonly make: (name: string) => V) {}

  of(name: string): V {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const made = this.make(name);
    this.#known.set(name, made);
    return made;
  }
}
