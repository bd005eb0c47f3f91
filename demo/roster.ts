/** The processes that are up, and how long ago each was heard from. */
import type { AgentProcess } from './agent-process.js';
import type { FromWorker, ToWorker, Vitals } from './messages.js';

/** An agent silent for so long hangs. It is asked four times in that time. */
const SILENCE_MS_MAX = 1000;

interface Up {
  readonly process: AgentProcess;
  lastHeardMs: number;
  vitals: Vitals | undefined;
}

export class Roster {
  readonly #up = new Map<string, Up>();

  add(agentId: string, process: AgentProcess): void {
    this.#up.set(agentId, { process, lastHeardMs: Date.now(), vitals: undefined });
  }

  /** Takes the agent's process off the roster: from here on its end is nobody's surprise. */
  remove(agentId: string): AgentProcess | undefined {
    const process = this.#up.get(agentId)?.process;
    this.#up.delete(agentId);
    return process;
  }

  has(agentId: string, process?: AgentProcess): boolean {
    const up = this.#up.get(agentId);
    return up !== undefined && (process === undefined || up.process === process);
  }

  /** On the roster, and heard from lately. */
  isResponsive(agentId: string): boolean {
    const up = this.#up.get(agentId);
    return up !== undefined && Date.now() - up.lastHeardMs < SILENCE_MS_MAX;
  }

  /** On the roster, and not heard from. */
  isSilent(agentId: string): boolean {
    return this.#up.has(agentId) && !this.isResponsive(agentId);
  }

  /** What the agent said last of itself; undefined when it is down or too young. */
  vitals(agentId: string): Vitals | undefined {
    return this.#up.get(agentId)?.vitals;
  }

  hear(agentId: string, message: FromWorker): void {
    const up = this.#up.get(agentId);
    if (!up) return;
    up.lastHeardMs = Date.now();
    if (message.kind === 'pong') up.vitals = message.vitals;
  }

  tell(agentId: string, message: ToWorker): void {
    this.#up.get(agentId)?.process.send(message);
  }

  tellAll(message: ToWorker): void {
    for (const { process } of this.#up.values()) process.send(message);
  }
}
