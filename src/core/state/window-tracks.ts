/**
 * Sliding sums by name (a strategy, a failure type): for each the rows of every window. Names beyond the cap
 * share one track, and so count in the sums over all names only.
 */
import { TimeRows } from './time-rows.js';
import { oldestKept, WINDOWS, type Window } from './windows.js';

const NAMES_MAX = 10_000;
/** Nothing has an empty name: identifiers have at least one character. */
const REST = '';

interface Track {
  /** Newest event time. */
  newestMs: number;
  /** One per window. */
  readonly rows: readonly TimeRows[];
}

/** [name, newest event time, rows of each window]. */
export type WindowTracksSnapshot = readonly (readonly [
  name: string,
  newestMs: number,
  rows: readonly (readonly number[])[],
])[];

export class WindowTracks {
  #tracks = new Map<string, Track>();

  /** Those that have a track of their own. */
  names(): string[] {
    return [...this.#tracks.keys()].filter((name) => name !== REST);
  }

  /** Moves the track's time on, and hands out the rows of each window with the oldest bucket worth keeping. */
  update(
    name: string,
    timeMs: number,
    each: (rows: TimeRows, window: Window, oldest: number) => void,
  ): void {
    const track = this.#trackOf(name);
    if (timeMs > track.newestMs) track.newestMs = timeMs;
    for (let i = 0; i < WINDOWS.length; i += 1) {
      const window = WINDOWS[i];
      const rows = track.rows[i];
      if (window === undefined || rows === undefined) continue;
      each(rows, window, oldestKept(window, track.newestMs));
    }
  }

  /** The rows of one name. */
  rowsOf(name: string, window: Window): TimeRows | undefined {
    return this.#tracks.get(name)?.rows[WINDOWS.indexOf(window)];
  }

  /** The rows of one name, or without a name of all. */
  rows(name: string | undefined, window: Window): readonly TimeRows[] {
    const index = WINDOWS.indexOf(window);
    const tracks = name === undefined ? this.#tracks.values() : [this.#tracks.get(name)];
    const all: TimeRows[] = [];
    for (const track of tracks) {
      const rows = track?.rows[index];
      if (rows !== undefined) all.push(rows);
    }
    return all;
  }

  snapshot(): WindowTracksSnapshot {
    return [...this.#tracks].map(([name, { newestMs, rows }]) => [
      name,
      newestMs,
      rows.map((one) => one.snapshot()),
    ]);
  }

  restore(snapshot: WindowTracksSnapshot): void {
    this.#tracks = new Map(
      snapshot.map(([name, newestMs, rows]) => [
        name,
        { newestMs, rows: rows.map((one) => new TimeRows(one)) },
      ]),
    );
  }

  #trackOf(name: string): Track {
    const known = this.#tracks.get(name);
    if (known !== undefined) return known;
    const kept = this.#tracks.size < NAMES_MAX ? name : REST;
    const track = this.#tracks.get(kept) ?? {
      newestMs: 0,
      rows: WINDOWS.map(() => new TimeRows()),
    };
    this.#tracks.set(kept, track);
    return track;
  }
}
