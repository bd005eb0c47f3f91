/**
 * Keeps the processes of the swarm: starts them, asks them how they are, replaces them. It heals
 * nothing by itself; it says what it sees, and the healer decides.
 */
import { EventEmitter } from 'node:events';
import { AgentProcess, type Start } from './agent-process.js';
import { LeaseTable } from './leases.js';
import type { FromWorker, Vitals } from './messages.js';
import { Roster } from './roster.js';

export interface SupervisorOptions {
  readonly agentCount: number;
  readonly seed: number;
  readonly pace: number;
  /** Restarts after which the restarting begins to wear out (leases.ts). */
  readonly wearAfter: number;
  readonly workerScript: URL;
}

export const LEDGER = 'ledger';
const PING_INTERVAL_MS = 250;
const RETIRE_PATIENCE_MS = 500;

interface SupervisorEvents {
  /** An agent is there to work. */
  up: [agentId: string];
  /** An agent ended, and nobody had asked it to. */
  died: [agentId: string, why: string];
  vitals: [agentId: string, vitals: Vitals];
  message: [agentId: string, message: FromWorker];
}

export class Supervisor extends EventEmitter<SupervisorEvents> {
  readonly agentIds: readonly string[];
  readonly roster = new Roster();
  readonly leases: LeaseTable;
  readonly #epochMs = Date.now();
  readonly #options: SupervisorOptions;
  readonly #restarts = new Map<string, Promise<Start>>();
  readonly #incarnations = new Map<string, number>();
  /** Every living child, those that are starting or ending too. */
  readonly #children = new Set<AgentProcess>();
  #pinging: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(options: SupervisorOptions) {
    super();
    this.#options = options;
    this.agentIds = Array.from({ length: options.agentCount }, (_, n) => `agent-${n + 1}`);
    this.leases = LeaseTable.create(options.wearAfter);
  }

  async start(): Promise<void> {
    const all = [LEDGER, ...this.agentIds];
    await Promise.all(all.map((agentId) => this.restart(agentId)));
    this.#pinging = setInterval(() => this.roster.tellAll({ kind: 'ping' }), PING_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#pinging);
    await Promise.all([...this.#children].map((child) => child.retire(RETIRE_PATIENCE_MS)));
    await this.settled();
    this.leases.remove();
  }

  pids(): number[] {
    return [...this.#children].flatMap(({ pid }) => pid ?? []);
  }

  upAgents(): string[] {
    return this.agentIds.filter((agentId) => this.roster.has(agentId));
  }

  downAgents(): string[] {
    return this.agentIds.filter((agentId) => !this.roster.has(agentId));
  }

  /** Comes back when no agent is being restarted any more. */
  async settled(): Promise<void> {
    while (this.#restarts.size > 0) await Promise.all(this.#restarts.values());
  }

  /** Ends the agent's process, where there is one, and starts the next. Two callers share one. */
  restart(agentId: string, reservedLease?: number): Promise<Start> {
    const underWay = this.#restarts.get(agentId);
    if (underWay) return underWay;
    const restart = this.#replace(agentId, reservedLease).finally(() => {
      this.#restarts.delete(agentId);
    });
    this.#restarts.set(agentId, restart);
    return restart;
  }

  async #replace(agentId: string, reservedLease: number | undefined): Promise<Start> {
    const isHung = this.roster.isSilent(agentId);
    const previous = this.roster.remove(agentId);
    if (isHung) previous?.kill();
    await previous?.retire(RETIRE_PATIENCE_MS);
    if (this.#isStopping) return { ok: false, why: 'the swarm is stopping' };

    const child = this.#fork(agentId, reservedLease);
    const start = await child.started;
    if (start.ok) {
      this.roster.add(agentId, child);
      this.emit('up', agentId);
    }
    return start;
  }

  #fork(agentId: string, reservedLease: number | undefined): AgentProcess {
    const { workerScript, agentCount, seed, pace } = this.#options;
    const incarnation = this.#incarnations.get(agentId) ?? 0;
    this.#incarnations.set(agentId, incarnation + 1);
    const child = new AgentProcess(workerScript, {
      role: agentId === LEDGER ? 'ledger' : 'agent',
      agentId,
      index: this.agentIds.indexOf(agentId),
      incarnation,
      agentCount,
      seed,
      pace,
      epochMs: this.#epochMs,
      leaseDirectory: this.leases.directory,
      leaseCapacity: this.leases.capacity,
      reservedLease,
    });
    this.#children.add(child);
    child.on('message', (message) => {
      if (this.roster.has(agentId, child)) this.#hear(agentId, message);
    });
    child.on('exit', (why) => {
      this.#children.delete(child);
      if (!this.roster.has(agentId, child)) return;
      this.roster.remove(agentId);
      this.emit('died', agentId, why);
    });
    return child;
  }

  #hear(agentId: string, message: FromWorker): void {
    this.roster.hear(agentId, message);
    if (message.kind === 'pong') this.emit('vitals', agentId, message.vitals);
    else this.emit('message', agentId, message);
  }
}
