/**
 * One side of the convex hull of a path of results: the corners that every other point of the path lies beneath
 * (or above). Points come in the order of their time; each is pushed once and hidden at most once.
 */

/** Numbers that a corner takes: results, successes, adjacent pairs of failures, time. */
export const CORNER = 4;
/** Numbers that there is room for at least: some ten corners are usual, and many thousand hulls are kept. */
const ROOM_MIN = 6 * CORNER;
/** Corners that there is room for beside those that are there, after more or less room was made. */
const SPARE = 2;

/** Of hulls without a corner; never written to. Made as the others are, so that all look the same to the engine. */
const NONE = fractions(1);
/** Cut from when room is made; never written to. */
const ROOM = fractions(64 * CORNER);

export class Hull {
  /** Flat; only the first `length` numbers count. A plain array: what a typed one takes beside its numbers is 200 bytes. */
  corners: number[] = NONE;
  length = 0;

  /** `turn` is 1 for the lower side, −1 for the upper. */
  constructor(private readonly turn: 1 | -1) {}

  /** Takes off the corners that a new point (n, s) hides. */
  hide(n: number, s: number): void {
    const { corners } = this;
    let end = this.length;
    while (end >= 2 * CORNER) {
      const topN = corners[end - CORNER] ?? 0;
      const topS = corners[end - CORNER + 1] ?? 0;
      const underN = corners[end - 2 * CORNER] ?? 0;
      const underS = corners[end - 2 * CORNER + 1] ?? 0;
      const cross = (topN - underN) * (s - topS) - (topS - underS) * (n - topN);
      if (cross * this.turn > 0) break;
      end -= CORNER;
    }
    this.length = end;
  }

  push(n: number, s: number, failurePairs: number, timeMs: number): void {
    if (this.#isUnfit) this.#fit();
    const { corners, length } = this;
    corners[length] = n;
    corners[length + 1] = s;
    corners[length + 2] = failurePairs;
    corners[length + 3] = timeMs;
    this.length = length + CORNER;
  }

  /** Makes a point of the path the origin. What came before it is forgotten; what that had hidden stays hidden. */
  rebase(n0: number, s0: number, failurePairs0: number, timeMs: number): void {
    const old = this.snapshot();
    this.length = 0;
    this.push(0, 0, 0, timeMs);
    for (let i = 0; i < old.length; i += CORNER) {
      const n = old[i] ?? 0;
      if (n <= n0) continue;
      this.push(n - n0, (old[i + 1] ?? 0) - s0, (old[i + 2] ?? 0) - failurePairs0, old[i + 3] ?? 0);
    }
  }

  snapshot(): number[] {
    return this.corners.slice(0, this.length);
  }

  restore(corners: readonly number[]): void {
    this.length = 0;
    for (let i = 0; i < corners.length; i += CORNER) {
      this.push(corners[i] ?? 0, corners[i + 1] ?? 0, corners[i + 2] ?? 0, corners[i + 3] ?? 0);
    }
  }

  /** There is no room for another corner, or twice what is of use: a hull loses half its corners now and then. */
  get #isUnfit(): boolean {
    const room = this.corners.length;
    return room - this.length < CORNER || (2 * this.length < room && room > ROOM_MIN);
  }

  #fit(): void {
    const { corners, length } = this;
    const fitting = roomFor(Math.max(ROOM_MIN, length + SPARE * CORNER));
    for (let i = 0; i < length; i += 1) fitting[i] = corners[i] ?? 0;
    this.corners = fitting;
  }
}

/** A copy of a part is made faster than a new array is filled. */
function roomFor(numbers: number): number[] {
  return numbers <= ROOM.length ? ROOM.slice(0, numbers) : fractions(numbers);
}

/** Filled with fractions, so that the engine keeps the numbers themselves and no pointers to them. */
function fractions(length: number): number[] {
  return new Array<number>(length).fill(0.5);
}
