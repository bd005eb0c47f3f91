/** The failures that are predicted, by source, type and agent: which predictions stand, and how often they fail anyway. */
import type { PredictorLabel } from '../facts.js';
import { FailureGaps, type FailureGapsSnapshot } from './failure-gaps.js';
import type { Prediction } from './prediction.js';

/** Pairs of source and failure type, and agents of them all, that are followed; first come. Others are only matched. */
const TYPES_MAX = 2_000;
const AGENTS_MAX = 4_000;

/** What one prediction can be about. */
export class PredictionSubject {
  readonly standing = new Set<Prediction>();
  /** Up to when the newest prediction that is compared with chance looks, by predictor. */
  readonly comparedUntil: Map<PredictorLabel, number>;

  /** Without `gaps` the subject is one too many to be followed. */
  constructor(
    readonly gaps: FailureGaps | undefined,
    comparedUntil: Iterable<readonly [PredictorLabel, number]> = [],
  ) {
    this.comparedUntil = new Map(comparedUntil);
  }

  /**
   * Of a failure between the two times, from what was seen before; undefined while too little was seen, and for a
   * prediction that overlaps one of the same predictor: one failure is not to count for both.
   */
  chanceOf(predictor: PredictorLabel, issuedMs: number, endMs: number): number | undefined {
    if (issuedMs < (this.comparedUntil.get(predictor) ?? 0)) return undefined;
    const chance = this.gaps?.chanceWithin(endMs - issuedMs, issuedMs);
    if (chance !== undefined) this.comparedUntil.set(predictor, endMs);
    return chance;
  }
}

export interface WatchedType {
  readonly anyAgent: PredictionSubject;
  readonly agents: Map<string, PredictionSubject>;
  /** Who predicts it. */
  readonly predictors: Set<PredictorLabel>;
  /** Time of the earliest prediction, Unix milliseconds. */
  sinceMs: number;
  /** Detected since then. */
  failures: number;
}

type SubjectSnapshot = readonly [
  gaps: FailureGapsSnapshot | null,
  comparedUntil: readonly (readonly [PredictorLabel, number])[],
];

export type WatchedTypesSnapshot = readonly (readonly [
  key: string,
  failures: number,
  predictors: readonly PredictorLabel[],
  anyAgent: SubjectSnapshot,
  agents: readonly (readonly [string, SubjectSnapshot])[],
  /** Absent in those of older releases. */
  sinceMs?: number,
])[];

interface Foretold {
  readonly source: string;
  readonly failureType: string;
  readonly agentId: string | undefined;
  readonly predictor: PredictorLabel;
  readonly timeMs: number;
}

export class WatchedTypes {
  /** By source and failure type. */
  #types = new Map<string, WatchedType>();
  #agents = 0;

  find(source: string, failureType: string): WatchedType | undefined {
    if (this.#types.size === 0) return undefined; // most fleets predict nothing: no key is made for each failure
    return this.#types.get(keyOf(source, failureType));
  }

  values(): Iterable<WatchedType> {
    return this.#types.values();
  }

  /** What it is about; watched from now on. */
  predicted({ source, failureType, agentId, predictor, timeMs }: Foretold): PredictionSubject {
    const key = keyOf(source, failureType);
    let watched = this.#types.get(key);
    if (watched === undefined) {
      const isFollowed = this.#types.size < TYPES_MAX;
      const anyAgent = new PredictionSubject(isFollowed ? new FailureGaps(timeMs) : undefined);
      watched = {
        anyAgent,
        agents: new Map(),
        predictors: new Set(),
        sinceMs: timeMs,
        failures: 0,
      };
      this.#types.set(key, watched);
    }
    watched.sinceMs = Math.min(watched.sinceMs, timeMs);
    watched.predictors.add(predictor);
    if (agentId === undefined) return watched.anyAgent;
    let ofAgent = watched.agents.get(agentId);
    if (ofAgent === undefined) {
      const isFollowed = watched.anyAgent.gaps !== undefined && this.#agents < AGENTS_MAX;
      ofAgent = new PredictionSubject(isFollowed ? new FailureGaps(timeMs) : undefined);
      watched.agents.set(agentId, ofAgent);
      this.#agents += 1;
    }
    return ofAgent;
  }

  /** Forgets what is not followed, once nothing is predicted of it. */
  settled({ source, failureType, agentId }: Prediction): void {
    const key = keyOf(source, failureType);
    const watched = this.#types.get(key);
    if (watched === undefined) return;
    const ofAgent = agentId === undefined ? undefined : watched.agents.get(agentId);
    if (agentId !== undefined && ofAgent?.gaps === undefined && ofAgent?.standing.size === 0) {
      watched.agents.delete(agentId);
      this.#agents -= 1;
    }
    const { anyAgent, agents } = watched;
    const isIdle = anyAgent.standing.size === 0 && agents.size === 0;
    if (anyAgent.gaps === undefined && isIdle) this.#types.delete(key);
  }

  snapshot(): WatchedTypesSnapshot {
    return [...this.#types].map(([key, { anyAgent, agents, predictors, sinceMs, failures }]) => [
      key,
      failures,
      [...predictors],
      frozen(anyAgent),
      [...agents].map(([agentId, subject]) => [agentId, frozen(subject)] as const),
      sinceMs,
    ]);
  }

  restore(snapshot: WatchedTypesSnapshot): void {
    this.#types.clear();
    this.#agents = 0;
    for (const [key, failures, predictors, anyAgent, agents, sinceMs] of snapshot) {
      this.#types.set(key, {
        anyAgent: thawed(anyAgent),
        agents: new Map(agents.map(([agentId, subject]) => [agentId, thawed(subject)])),
        predictors: new Set(predictors),
        sinceMs: sinceMs ?? anyAgent[0]?.[0] ?? 0,
        failures,
      });
      this.#agents += agents.length;
    }
  }
}

function frozen({ gaps, comparedUntil }: PredictionSubject): SubjectSnapshot {
  return [gaps?.snapshot() ?? null, [...comparedUntil]];
}

function thawed([gaps, comparedUntil]: SubjectSnapshot): PredictionSubject {
  const restored = gaps === null ? undefined : FailureGaps.restore(gaps);
  return new PredictionSubject(restored, comparedUntil);
}

function keyOf(source: string, failureType: string): string {
  return `${source},${failureType}`; // no identifier holds a comma
}
