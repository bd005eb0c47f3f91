/** Strategies and failure types as they became known: what proposals and analyses go through. */
import type { Fact } from '../facts.js';
import type { Fold } from './fold.js';

/** Beyond these, analyses leave out what came later; counts and reports do not. */
const STRATEGIES_MAX = 10_000;
const FAILURE_TYPES_MAX = 10_000;
const TYPES_PER_STRATEGY_MAX = 200;

export interface RegistrySnapshot {
  readonly strategies: readonly (readonly [string, readonly string[]])[];
  readonly failureTypes: readonly string[];
}

export class Registry implements Fold<RegistrySnapshot> {
  /** Strategy to the failure types that it was registered for; none when it was only seen at work. */
  #strategies = new Map<string, Set<string>>();
  #failureTypes = new Set<string>();

  get strategies(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#strategies;
  }

  get failureTypes(): ReadonlySet<string> {
    return this.#failureTypes;
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
      case 'attempt_ended':
        if (fact.outcome !== 'skipped') this.#strategy(fact.strategy);
        return;
      default:
        return;
    }
  }

  snapshot(): RegistrySnapshot {
    return {
      strategies: [...this.#strategies].map(([strategy, types]) => [strategy, [...types]]),
      failureTypes: [...this.#failureTypes],
    };
  }

  restore({ strategies, failureTypes }: RegistrySnapshot): void {
    this.#strategies = new Map(strategies.map(([strategy, types]) => [strategy, new Set(types)]));
    this.#failureTypes = new Set(failureTypes);
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
