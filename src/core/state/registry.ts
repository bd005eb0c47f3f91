/** Strategies and failure types as they became known: what proposals and analyses go through. */
import type { Fact } from '../facts.js';
import type { Fold } from './fold.js';

/** Beyond these, analyses leave out what came later; counts and reports do not. */
const STRATEGIES_MAX = 10_000;
const FAILURE_TYPES_MAX = 10_000;
const TYPES_PER_STRATEGY_MAX = 200;
/** Strategies that are named where attempts on a type were started. */
const STARTED_PER_TYPE_MAX = 20;

export interface RegistrySnapshot {
  readonly strategies: readonly (readonly [string, readonly string[]])[];
  readonly failureTypes: readonly string[];
  /** Absent in snapshots of before it was kept. */
  readonly started?: readonly (readonly [string, readonly string[]])[];
}

export class Registry implements Fold<RegistrySnapshot> {
  /** Strategy to the failure types that it was registered for; none when it was only seen at work. */
  #strategies = new Map<string, Set<string>>();
  #failureTypes = new Set<string>();
  /** Failure type to the strategies of which an attempt on it was started and none has come to a result since. */
  #started = new Map<string, Set<string>>();

  get strategies(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#strategies;
  }

  get failureTypes(): ReadonlySet<string> {
    return this.#failureTypes;
  }

  /**
   * By failure type, strategies that were started on it and of which no attempt has come to a result since; at most
   * twenty. Whether they run is not said: some were skipped, or their incident ended without them.
   */
  get started(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#started;
  }

  /** By failure type, the strategies that were registered for it; of these types only. */
  registeredFor(failureTypes: ReadonlySet<string>): Map<string, string[]> {
    const registered = new Map<string, string[]>();
    if (failureTypes.size === 0) return registered;
    for (const [strategy, types] of this.#strategies) {
      for (const failureType of types) {
        if (!failureTypes.has(failureType)) continue;
        const known = registered.get(failureType);
        if (known === undefined) registered.set(failureType, [strategy]);
        else known.push(strategy);
      }
    }
    return registered;
  }

  apply(fact: Fact): void {
    switch (fact.kind) {
      case 'strategy_registered': {
        const types = this.#strategy(fact.strategy);
        for (const failureType of fact.failureTypes) {
          this.#failureType(failureType);
          if (types !== undefined && types.size < TYPES_PER_STRATEGY_MAX) types.add(failureType);
        }
        return;
      }
      case 'incident_opened':
        this.#failureType(fact.failureType);
        return;
      case 'incident_amended':
        this.#failureType(fact.after.failureType);
        return;
      case 'attempt_started':
        this.#start(fact.failureType, fact.strategy);
        return;
      case 'attempt_ended':
        if (fact.outcome === 'skipped') return;
        this.#strategy(fact.strategy);
        this.#end(fact.failureType, fact.strategy);
        return;
      default:
        return;
    }
  }

  snapshot(): RegistrySnapshot {
    return {
      strategies: [...this.#strategies].map(([strategy, types]) => [strategy, [...types]]),
      failureTypes: [...this.#failureTypes],
      started: [...this.#started].map(([failureType, names]) => [failureType, [...names]]),
    };
  }

  restore({ strategies, failureTypes, started = [] }: RegistrySnapshot): void {
    this.#strategies = new Map(strategies.map(([strategy, types]) => [strategy, new Set(types)]));
    this.#failureTypes = new Set(failureTypes);
    this.#started = new Map(started.map(([failureType, names]) => [failureType, new Set(names)]));
  }

  #start(failureType: string, strategy: string): void {
    const known = this.#started.get(failureType);
    if (known !== undefined && known.size < STARTED_PER_TYPE_MAX) known.add(strategy);
    if (known !== undefined || this.#started.size >= FAILURE_TYPES_MAX) return;
    this.#started.set(failureType, new Set([strategy]));
  }

  #end(failureType: string, strategy: string): void {
    const known = this.#started.get(failureType);
    if (known?.delete(strategy) === true && known.size === 0) this.#started.delete(failureType);
  }

  #strategy(strategy: string): Set<string> | undefined {
    const known = this.#strategies.get(strategy);
    if (known !== undefined || this.#strategies.size >= STRATEGIES_MAX) return known;
    const types = new Set<string>();
    this.#strategies.set(strategy, types);
    return types;
  }

  #failureType(failureType: string): void {
    if (this.#failureTypes.size < FAILURE_TYPES_MAX) this.#failureTypes.add(failureType);
  }
}
