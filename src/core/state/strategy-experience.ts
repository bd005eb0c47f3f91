/**
 * What attempts of a strategy led to: by severity and number of the attempt, per failure type; and how soon the same
 * agent failed again in the same way after it had been healed.
 */
import { addToBins, type Bins } from '../bins.js';
import { SEVERITIES } from '../event.js';
import type {
  AttemptEnded,
  Fact,
  IncidentOpened,
  IncidentResolved,
  SeverityLabel,
} from '../facts.js';
import { LabelTree } from '../label-tree.js';
import { LinkedList, type Link } from '../linked-list.js';
import type { Fold } from './fold.js';

/** Pairs of failure type and strategy, first come; each takes at most 1.3 KB, and as much again after a change. */
export const PAIRS_EXPERIENCED_MAX = 2_000;
/** Strategies whose relapses are followed, first come. */
export const RELAPSES_FOLLOWED_MAX = 1_000;
/** Healed agents that a relapse is waited for; the one healed longest ago goes first. */
const HEALED_MAX = 4_000;
/** The last number stands for all beyond it too. */
export const ATTEMPT_NUMBERS = 8;
/** A failure that comes later than this after a healing is a new one. */
export const RELAPSE_WITHIN_MS = 86_400_000;
const SEVERITY_LABELS: readonly SeverityLabel[] = [...SEVERITIES, 'unknown'];

/** Attempts that ran, of one strategy on one failure type in one context. */
export interface Experience {
  readonly failureType: string;
  readonly strategy: string;
  readonly severity: SeverityLabel;
  /** Which attempt of its incident, from 1; 8 stands for 8 and more. */
  readonly attempt: number;
  readonly attempts: number;
  readonly succeeded: number;
}

export interface Relapses {
  /** Incidents of known agents that the strategy healed. */
  healed: number;
  /** Those after which the same agent failed again in the same way within a day, by the time until then. */
  readonly afterMs: Bins;
}

interface Healed {
  /** Source, failure type and agent. */
  readonly labels: readonly string[];
  strategy: string;
  /** Undefined once the agent has failed again. */
  healedMs: number | undefined;
  /** Where it stands among all. */
  link: Link<Healed> | undefined;
}

/** Of a pair: attempts and successes, alternating, per severity and attempt number. */
interface PairCounts {
  readonly counts: number[];
  /** What they were when its success rate was last found to have changed; undefined while it never was. */
  before: readonly number[] | undefined;
}

export interface StrategyExperienceSnapshot {
  /** [failure type, strategy, counts, counts before the last change] as index, value, … without what is 0. */
  readonly pairs: readonly (readonly [
    failureType: string,
    strategy: string,
    counts: readonly number[],
    before?: readonly number[],
  ])[];
  readonly relapses: readonly (readonly [string, number, readonly (readonly [number, number])[]])[];
  /** [source, failure type, agent joined, strategy, time or null once it has failed again] */
  readonly healed: readonly (readonly [string, string, number | null])[];
}

export class StrategyExperience implements Fold<StrategyExperienceSnapshot> {
  /** By failure type and strategy. */
  #pairs = new Map<string, Map<string, PairCounts>>();
  #size = 0;
  #relapses = new Map<string, Relapses>();
  /** By source, failure type and agent. */
  #healedByLabels = new LabelTree<Healed>();
  /** The same, healed longest ago first. */
  #healed = new LinkedList<Healed>();

  /** Pairs that come now are not told apart. */
  get isFull(): boolean {
    return this.#size >= PAIRS_EXPERIENCED_MAX;
  }

  /** Relapses of strategies that heal now for the first time are not followed. */
  get isFullOfRelapses(): boolean {
    return this.#relapses.size >= RELAPSES_FOLLOWED_MAX;
  }

  apply(fact: Fact): void {
    if (fact.kind === 'attempt_ended') this.#ended(fact);
    else if (fact.kind === 'incident_resolved') this.#resolved(fact);
    else if (fact.kind === 'incident_opened') this.#opened(fact);
  }

  /** What comes from now on is told apart from what came before: the pair's success rate has changed. */
  beginAnew({ failureType, strategy }: AttemptEnded): void {
    const pair = this.#pairs.get(failureType)?.get(strategy);
    if (pair !== undefined) pair.before = [...pair.counts];
  }

  /** Of one failure type, of each strategy since its last change on it. */
  *ofFailureType(failureType: string): Iterable<Experience> {
    for (const [strategy, { counts, before }] of this.#pairs.get(failureType) ?? []) {
      const since = counts.map((count, place) => count - (before?.[place] ?? 0));
      yield* experiences(failureType, strategy, since);
    }
  }

  /** Undefined when the strategy has healed no known agent. */
  relapses(strategy: string): Readonly<Relapses> | undefined {
    return this.#relapses.get(strategy);
  }

  /** By strategy: how long ago its healings of the last day were that no failure has followed. Milliseconds. */
  waitedMs(nowMs: number): Map<string, number[]> {
    const byStrategy = new Map<string, number[]>();
    for (const { strategy, healedMs } of this.#healed) {
      if (healedMs === undefined || nowMs - healedMs >= RELAPSE_WITHIN_MS) continue;
      const known = byStrategy.get(strategy);
      const waited = Math.max(0, nowMs - healedMs);
      if (known === undefined) byStrategy.set(strategy, [waited]);
      else known.push(waited);
    }
    return byStrategy;
  }

  snapshot(): StrategyExperienceSnapshot {
    return {
      pairs: [...this.#pairs].flatMap(([failureType, byStrategy]) =>
        [...byStrategy].map(([strategy, { counts, before }]) =>
          before === undefined
            ? ([failureType, strategy, sparse(counts)] as const)
            : ([failureType, strategy, sparse(counts), sparse(before)] as const),
        ),
      ),
      relapses: [...this.#relapses].map(([name, { healed, afterMs }]) => [
        name,
        healed,
        [...afterMs],
      ]),
      healed: [...this.#healed].map(({ labels, strategy, healedMs }) => [
        labels.join(),
        strategy,
        healedMs ?? null,
      ]),
    };
  }

  restore({ pairs, relapses, healed }: StrategyExperienceSnapshot): void {
    this.#pairs.clear();
    this.#size = 0;
    for (const [failureType, strategy, counts, before] of pairs) {
      const pair = this.#pairOf(failureType, strategy);
      fill(pair.counts, counts);
      if (before !== undefined) pair.before = fill(noCounts(), before);
    }
    this.#relapses = new Map(
      relapses.map(([name, count, bins]) => [name, { healed: count, afterMs: new Map(bins) }]),
    );
    this.#healed = new LinkedList();
    this.#healedByLabels = new LabelTree();
    for (const [key, strategy, healedMs] of healed) {
      // No identifier holds a comma.
      const labels = key.split(',');
      this.#keepHealed({ labels, strategy, healedMs: healedMs ?? undefined, link: undefined });
    }
  }

  #ended({ failureType, strategy, severity, attempt, outcome }: AttemptEnded): void {
    if (outcome === 'skipped' || attempt < 1) return;
    const { counts } = this.#pairOf(failureType, strategy);
    const number = Math.min(attempt, ATTEMPT_NUMBERS) - 1;
    const place = 2 * (SEVERITY_LABELS.indexOf(severity) * ATTEMPT_NUMBERS + number);
    counts[place] = (counts[place] ?? 0) + 1;
    if (outcome === 'succeeded') counts[place + 1] = (counts[place + 1] ?? 0) + 1;
  }

  #resolved({
    resolution,
    strategy,
    source,
    failureType,
    agentId,
    timeMs,
  }: IncidentResolved): void {
    if (resolution !== 'healed' || strategy === undefined || agentId === undefined) return;
    const known = this.#relapses.get(strategy);
    if (known !== undefined) known.healed += 1;
    else if (!this.isFullOfRelapses) {
      this.#relapses.set(strategy, { healed: 1, afterMs: new Map() });
    } else return;
    const before = this.#healedByLabels.get(source, failureType, agentId);
    if (before === undefined) {
      const labels = [source, failureType, agentId];
      this.#keepHealed({ labels, strategy, healedMs: timeMs, link: undefined });
      return;
    }
    before.strategy = strategy;
    before.healedMs = timeMs;
    if (before.link !== undefined) this.#healed.remove(before.link);
    before.link = this.#healed.add(before); // to stand last
  }

  #opened({ source, failureType, agentId, timeMs }: IncidentOpened): void {
    if (agentId === undefined) return;
    const before = this.#healedByLabels.get(source, failureType, agentId);
    if (before?.healedMs === undefined || timeMs < before.healedMs) return; // it came late: not a relapse
    const afterMs = timeMs - before.healedMs;
    before.healedMs = undefined;
    const relapses = this.#relapses.get(before.strategy);
    if (relapses !== undefined && afterMs <= RELAPSE_WITHIN_MS)
      addToBins(relapses.afterMs, afterMs);
  }

  #keepHealed(healed: Healed): void {
    healed.link = this.#healed.add(healed);
    this.#healedByLabels.set(healed.labels, healed);
    if (this.#healed.size <= HEALED_MAX) return;
    const oldest = this.#healed.shift();
    if (oldest !== undefined) this.#healedByLabels.delete(oldest.labels);
  }

  /** Of a pair beyond the cap: a place that nothing is read from. */
  #pairOf(failureType: string, strategy: string): PairCounts {
    const byStrategy = this.#pairs.get(failureType);
    const known = byStrategy?.get(strategy);
    if (known !== undefined) return known;
    const pair: PairCounts = { counts: noCounts(), before: undefined };
    if (this.isFull) return pair;
    this.#size += 1;
    if (byStrategy === undefined) this.#pairs.set(failureType, new Map([[strategy, pair]]));
    else byStrategy.set(strategy, pair);
    return pair;
  }
}

function noCounts(): number[] {
  return new Array<number>(2 * SEVERITY_LABELS.length * ATTEMPT_NUMBERS).fill(0);
}

/** Index, value, … of what is not 0. */
function sparse(counts: readonly number[]): number[] {
  return counts.flatMap((n, i) => (n === 0 ? [] : [i, n]));
}

function fill(counts: number[], from: readonly number[]): number[] {
  for (let i = 0; i < from.length; i += 2) counts[from[i] ?? 0] = from[i + 1] ?? 0;
  return counts;
}

function* experiences(
  failureType: string,
  strategy: string,
  counts: readonly number[],
): Iterable<Experience> {
  for (const [i, severity] of SEVERITY_LABELS.entries()) {
    for (let number = 0; number < ATTEMPT_NUMBERS; number += 1) {
      const place = 2 * (i * ATTEMPT_NUMBERS + number);
      const attempts = counts[place] ?? 0;
      const succeeded = counts[place + 1] ?? 0;
      if (attempts > 0) {
        yield { failureType, strategy, severity, attempt: number + 1, attempts, succeeded };
      }
    }
  }
}
