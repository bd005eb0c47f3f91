/** Where every breaker and every degradable resource stands; the same state again is no transition. */
import type {
  CircuitChanged,
  CircuitState,
  DegradationChanged,
  DegradationLevel,
  Folded,
} from '../event.js';
import type { Fact } from '../facts.js';

/** Breakers and resources beyond this are not told apart any more; their events are still in the log. */
const NAMES_MAX = 10_000;

export interface Circuit {
  readonly source: string;
  readonly circuit: string;
  readonly state: CircuitState;
  /** Since when it has been in this state. */
  readonly sinceMs: number;
  /** While it is half open: how long it was open before. */
  readonly openMs?: number;
}

export interface Degradable {
  readonly source: string;
  readonly resource: string;
  readonly level: DegradationLevel;
  readonly sinceMs: number;
}

export interface LevelsSnapshot {
  readonly circuits: readonly Circuit[];
  readonly resources: readonly Degradable[];
}

export class Levels {
  #circuits = new Map<string, Circuit>();
  #resources = new Map<string, Degradable>();

  get circuits(): ReadonlyMap<string, Circuit> {
    return this.#circuits;
  }

  get resources(): ReadonlyMap<string, Degradable> {
    return this.#resources;
  }

  circuitChanged(event: Folded<CircuitChanged>, facts: Fact[]): void {
    const { source, circuit, state, timeMs, strategy } = event;
    const key = `${source},${circuit}`; // no identifier holds a comma
    const known = this.#circuits.get(key);
    if (known === undefined && this.#circuits.size >= NAMES_MAX) return;
    // Older news than what is known changes nothing.
    if (known !== undefined && (timeMs < known.sinceMs || known.state === state)) return;
    const from = known?.state ?? 'closed';
    const isTrial = from === 'open' && state === 'half_open' && known !== undefined;
    const openMs = isTrial ? { openMs: timeMs - known.sinceMs } : {};
    this.#circuits.set(key, { source, circuit, state, sinceMs: timeMs, ...openMs });
    if (from === state) {
      facts.push({ kind: 'circuit_heard', source, timeMs, circuit, state });
      return;
    }
    const moved = { from, to: state, strategy, openMs: known?.openMs };
    facts.push({ kind: 'circuit_moved', source, timeMs, circuit, ...moved });
  }

  degradationChanged(event: Folded<DegradationChanged>, facts: Fact[]): void {
    const { source, resource, level, timeMs } = event;
    const key = `${source},${resource}`;
    const known = this.#resources.get(key);
    if (known === undefined && this.#resources.size >= NAMES_MAX) return;
    if (known !== undefined && (timeMs < known.sinceMs || known.level === level)) return;
    this.#resources.set(key, { source, resource, level, sinceMs: timeMs });
    const from = known?.level ?? 0;
    if (from === level) return;
    facts.push({ kind: 'degradation_moved', source, timeMs, resource, from, to: level });
  }

  snapshot(): LevelsSnapshot {
    return { circuits: [...this.#circuits.values()], resources: [...this.#resources.values()] };
  }

  restore({ circuits, resources }: LevelsSnapshot): void {
    this.#circuits = new Map(circuits.map((kept) => [`${kept.source},${kept.circuit}`, kept]));
    this.#resources = new Map(resources.map((kept) => [`${kept.source},${kept.resource}`, kept]));
  }
}
