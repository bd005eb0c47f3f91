/**
 * What was waited for in vain: incidents that expired, attempts that nobody heard of again. Where a share of a stream
 * never ends, and always did not, what goes on now is no news: it is judged beside those of before.
 */

/** Those that are remembered one by one: about as many as the newest that ended. */
const REMEMBERED_MAX = 128;

/** Scores, summed. */
export interface Sums {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

export type FrozenGivenUp = readonly [
  remembered: readonly number[],
  forgotten: readonly [count: number, sum: number, squares: number],
  unwatched: readonly [count: number, sum: number, squares: number],
];

export const NO_SUMS: Sums = { count: 0, sum: 0, squares: 0 };

export type ScoreOf = (durationMs: number) => number;

export class GivenUp {
  /** The newest, [duration, beginning, …], in the order in which they were given up. */
  #remembered: number[] = [];
  #forgotten = NO_SUMS;
  /** What had ended when this began to be kept: of what was given up among it nothing is known. */
  #unwatched: Sums;

  constructor(unwatched = NO_SUMS) {
    this.#unwatched = unwatched;
  }

  get remembered(): readonly number[] {
    return this.#remembered;
  }

  get unwatched(): Sums {
    return this.#unwatched;
  }

  add(durationMs: number, startMs: number, scoreOf: ScoreOf): void {
    this.#remembered.push(durationMs, startMs);
    if (this.#remembered.length <= 2 * REMEMBERED_MAX) return;
    const [oldestMs = 0] = this.#remembered.splice(0, 2);
    this.#forgotten = withScore(this.#forgotten, scoreOf(oldestMs));
  }

  /** With those that began before a moment added to what had ended by then. */
  addedTo(sums: Sums, beforeMs: number, scoreOf: ScoreOf): Sums {
    let { count, sum, squares } = added(sums, this.#forgotten);
    for (let i = 0; i < this.#remembered.length; i += 2) {
      if ((this.#remembered[i + 1] ?? 0) >= beforeMs) continue;
      const z = scoreOf(this.#remembered[i] ?? 0);
      count += 1;
      sum += z;
      squares += z * z;
    }
    return { count, sum, squares };
  }

  /** Those that began from a moment on. */
  since(fromMs: number): GivenUp {
    const later = new GivenUp();
    for (let i = 0; i < this.#remembered.length; i += 2) {
      const [durationMs = 0, startMs = 0] = this.#remembered.slice(i, i + 2);
      if (startMs >= fromMs) later.#remembered.push(durationMs, startMs);
    }
    return later;
  }

  freeze(): FrozenGivenUp {
    return [[...this.#remembered], flat(this.#forgotten), flat(this.#unwatched)];
  }

  static thaw([remembered, forgotten, unwatched]: FrozenGivenUp): GivenUp {
    const givenUp = new GivenUp(sumsOf(unwatched));
    givenUp.#remembered = [...remembered];
    givenUp.#forgotten = sumsOf(forgotten);
    return givenUp;
  }
}

export function withScore({ count, sum, squares }: Sums, z: number): Sums {
  return { count: count + 1, sum: sum + z, squares: squares + z * z };
}

export function without(a: Sums, b: Sums): Sums {
  return { count: a.count - b.count, sum: a.sum - b.sum, squares: a.squares - b.squares };
}

function added(a: Sums, b: Sums): Sums {
  return { count: a.count + b.count, sum: a.sum + b.sum, squares: a.squares + b.squares };
}

function flat({ count, sum, squares }: Sums): [number, number, number] {
  return [count, sum, squares];
}

function sumsOf([count, sum, squares]: readonly [number, number, number]): Sums {
  return { count, sum, squares };
}
