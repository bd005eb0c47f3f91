/** Writes what was done into the ledger, a process that does not always answer. */
import { EventEmitter } from 'node:events';
import { Circuit } from './circuit.js';
import { LEDGER, type Supervisor } from './supervisor.js';

/** Results that are to be written together. */
export interface Commit {
  readonly number: number;
  readonly taskIds: readonly number[];
  isWritten: boolean;
}

const COMMIT_INTERVAL_MS = 500;
const CALL_MS_MAX = 400;

export class LedgerClient extends EventEmitter<{ failed: [Commit, 'failed' | 'refused'] }> {
  readonly circuit = new Circuit('ledger');
  readonly #supervisor: Supervisor;
  readonly #waiting = new Map<number, (isOk: boolean) => void>();
  #results: number[] = [];
  #refused: Commit | undefined;
  #calls = 0;
  #commits = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(supervisor: Supervisor) {
    super();
    this.#supervisor = supervisor;
    supervisor.on('message', (_agentId, message) => {
      if (message.kind === 'committed') this.#waiting.get(message.call)?.(true);
    });
  }

  start(): void {
    this.#timer = setInterval(() => void this.#commit(), COMMIT_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const settle of [...this.#waiting.values()]) settle(false);
  }

  add(taskId: number): void {
    this.#results.push(taskId);
  }

  async #commit(): Promise<void> {
    // While one commit waits for the circuit, the results pile up behind it.
    const isHeldBack = this.#refused?.isWritten === false;
    if (isHeldBack || this.#results.length === 0) return;
    const commit = { number: ++this.#commits, taskIds: this.#results, isWritten: false };
    this.#results = [];
    const outcome = await this.write(commit);
    if (outcome === 'ok') return;
    if (outcome === 'refused') this.#refused = commit;
    this.emit('failed', commit, outcome);
  }

  async write(commit: Commit): Promise<'ok' | 'failed' | 'refused'> {
    const outcome = await this.circuit.call(() => this.#call());
    if (outcome === 'ok') commit.isWritten = true;
    return outcome;
  }

  #call(): Promise<boolean> {
    const call = ++this.#calls;
    return new Promise((resolve) => {
      const settle = (isOk: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(call);
        resolve(isOk);
      };
      const timer = setTimeout(() => settle(false), CALL_MS_MAX);
      this.#waiting.set(call, settle);
      this.#supervisor.roster.tell(LEDGER, { kind: 'commit', call });
    });
  }
}
