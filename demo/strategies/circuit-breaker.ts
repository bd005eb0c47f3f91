/** Writes a failed commit again, through the circuit breaker: not while the ledger is known to be out. */
import type { Failure } from '../failure.js';
import type { Commit } from '../ledger.js';
import type { Swarm } from '../swarm.js';
import type { Act, Strategy } from './strategy.js';

export class CircuitBreakerStrategy implements Strategy {
  readonly name = 'CircuitBreakerStrategy';
  readonly failureTypes = ['dependency_timeout'] as const;
  readonly #swarm: Swarm;

  constructor(swarm: Swarm) {
    this.#swarm = swarm;
  }

  consider({ subject }: Failure): 'declined' | 'circuit_open' | Act {
    if (subject.kind !== 'commit') return 'declined';
    if (!this.#swarm.ledger.circuit.isAdmitting()) return 'circuit_open';
    return () => this.#writeAgain(subject.commit);
  }

  async #writeAgain(commit: Commit): ReturnType<Act> {
    const { ledger } = this.#swarm;
    const outcome = await ledger.write(commit);
    return {
      isHealed: outcome === 'ok',
      actions: [`Wrote commit ${commit.number} again: ${outcome}`],
      metadata: { circuit_state: ledger.circuit.state, resource_id: ledger.circuit.name },
    };
  }
}
