/** Attempts that were started and have not ended. */
import type { HealingCompleted, HealingStarted, Folded } from '../event.js';
import type { Fact } from '../facts.js';

/** A start that nothing ended for so long is not waited for. */
const STALE_MS = 86_400_000;
const MINUTE_MS = 60_000;
const RUNNING_MAX = 100_000;

interface Running {
  readonly source: string;
  readonly failureId: string;
  readonly strategy: string;
  startMs: number;
}

export interface RunningSnapshot {
  readonly lookedMinute: number;
  readonly running: readonly Readonly<Running>[];
}

export class RunningAttempts {
  /** Per failure, in order of their first start. */
  #byFailure = new Map<string, Running[]>();
  #size = 0;
  #lookedMinute = 0;

  start(
    { source, failureId, strategy, timeMs }: Folded<HealingStarted>,
    failureType: string,
    facts: Fact[],
  ): void {
    const key = keyOf(source, failureId);
    const running = this.#byFailure.get(key) ?? [];
    const same = running.find((other) => other.strategy === strategy);
    if (same !== undefined) {
      same.startMs = Math.max(same.startMs, timeMs);
      return;
    }
    if (running.length === 0) this.#byFailure.set(key, running);
    running.push({ source, failureId, strategy, startMs: timeMs });
    this.#size += 1;
    facts.push({ kind: 'attempt_started', source, timeMs, strategy, failureType });
    if (this.#size > RUNNING_MAX) this.#dropOldest(timeMs, facts);
  }

  /** Ends the start that this completion completes: one of the same strategy, not later than it. */
  complete({ source, failureId, strategy, timeMs }: Folded<HealingCompleted>, facts: Fact[]): void {
    if (this.#size === 0) return;
    this.#endWhere(
      keyOf(source, failureId),
      (running) => running.strategy === strategy && running.startMs <= timeMs,
      undefined,
      facts,
    );
  }

  /** The incident ended: nothing that began before goes on. */
  end(source: string, failureId: string, endedMs: number, facts: Fact[]): void {
    if (this.#size === 0) return;
    const key = keyOf(source, failureId);
    this.#endWhere(key, (running) => running.startMs <= endedMs, endedMs, facts);
  }

  /** Looks once a minute of event time: the oldest start is not at the front for free. */
  dropStale(nowMs: number, facts: Fact[]): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (this.#size === 0 || minute === this.#lookedMinute) return;
    this.#lookedMinute = minute;
    for (const running of this.#byFailure.values()) {
      if ((running[0]?.startMs ?? nowMs) > nowMs - STALE_MS) return;
      this.#dropOldest(nowMs, facts);
    }
  }

  /** Strategies of which an attempt runs on the failure, first started first. */
  on(source: string, failureId: string): string[] {
    if (this.#size === 0) return [];
    const running = this.#byFailure.get(keyOf(source, failureId)) ?? [];
    return running.map(({ strategy }) => strategy);
  }

  /** How long what runs has been running, by strategy. */
  agesMs(nowMs: number): Map<string, number[]> {
    const ages = new Map<string, number[]>();
    for (const { strategy, startMs } of [...this.#byFailure.values()].flat()) {
      const known = ages.get(strategy);
      if (known === undefined) ages.set(strategy, [nowMs - startMs]);
      else known.push(nowMs - startMs);
    }
    return ages;
  }

  snapshot(): RunningSnapshot {
    return {
      lookedMinute: this.#lookedMinute,
      running: [...this.#byFailure.values()].flat(),
    };
  }

  restore(snapshot: RunningSnapshot): void {
    this.#byFailure.clear();
    this.#lookedMinute = snapshot.lookedMinute;
    for (const running of snapshot.running) {
      const key = keyOf(running.source, running.failureId);
      const known = this.#byFailure.get(key);
      if (known === undefined) this.#byFailure.set(key, [{ ...running }]);
      else known.push({ ...running });
    }
    this.#size = snapshot.running.length;
  }

  #dropOldest(nowMs: number, facts: Fact[]): void {
    const oldest = this.#byFailure.keys().next().value;
    if (oldest !== undefined) this.#endWhere(oldest, () => true, nowMs, facts);
  }

  /** `givenUpAtMs`: undefined for what completed. */
  #endWhere(
    key: string,
    ends: (running: Running) => boolean,
    givenUpAtMs: number | undefined,
    facts: Fact[],
  ): void {
    const all = this.#byFailure.get(key);
    if (all === undefined) return;
    const going: Running[] = [];
    for (const running of all) {
      if (!ends(running)) {
        going.push(running);
        continue;
      }
      this.#size -= 1;
      const { source, startMs, strategy } = running;
      facts.push({
        kind: 'attempt_no_longer_running',
        source,
        timeMs: startMs,
        strategy,
        givenUpMs: givenUpAtMs === undefined ? undefined : Math.max(0, givenUpAtMs - startMs),
      });
    }
    if (going.length === 0) this.#byFailure.delete(key);
    else if (going.length < all.length) this.#byFailure.set(key, going);
  }
}

function keyOf(source: string, failureId: string): string {
  return `${source},${failureId}`; // no identifier holds a comma
}
