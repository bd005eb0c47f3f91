/** A circuit breaker: after some failures in a row, calls are refused for a while. */
import { EventEmitter } from 'node:events';

export type CircuitState = 'closed' | 'open' | 'half_open';

const FAILURES_MAX = 3;
const COOL_DOWN_MS = 1500;

export class Circuit extends EventEmitter<{ changed: [CircuitState] }> {
  readonly name: string;
  #state: CircuitState = 'closed';
  #failuresInARow = 0;
  #openedMs = 0;

  constructor(name: string) {
    super();
    this.name = name;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Whether a call would be let through now. Half open, one call is on its way: no second one. */
  isAdmitting(): boolean {
    if (this.#state === 'closed') return true;
    return this.#state === 'open' && Date.now() - this.#openedMs >= COOL_DOWN_MS;
  }

  async call(action: () => Promise<boolean>): Promise<'ok' | 'failed' | 'refused'> {
    if (!this.isAdmitting()) return 'refused';
    if (this.#state === 'open') this.#move('half_open');
    const isOk = await action();
    if (isOk) this.#succeeded();
    else this.#failed();
    return isOk ? 'ok' : 'failed';
  }

  #succeeded(): void {
    this.#failuresInARow = 0;
    // A call from before the opening proves nothing: only the probe closes.
    if (this.#state === 'half_open') this.#move('closed');
  }

  #failed(): void {
    this.#failuresInARow += 1;
    if (this.#state === 'closed' && this.#failuresInARow < FAILURES_MAX) return;
    this.#openedMs = Date.now();
    this.#move('open');
  }

  #move(state: CircuitState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.emit('changed', state);
  }
}
