/** The swarm: processes, their tasks, and the ledger. The healer's view of what it has to heal. */
import { Intake } from './intake.js';
import { LedgerClient } from './ledger.js';
import { ServiceLevel } from './service-level.js';
import { Supervisor } from './supervisor.js';
import { TaskQueue } from './tasks.js';

export interface SwarmOptions {
  /** The same seed plans the same faults. */
  readonly seed: number;
  /** 1 is about 1.5 failures a second; 10 is ten times as many. Greater than 0. */
  readonly pace: number;
  /** Restarts of crashed agents after which restarting begins to fail. At least 1. */
  readonly wearAfter: number;
  /** The compiled worker.ts; by default the one beside this file. */
  readonly workerScript?: URL;
}

const AGENT_COUNT = 5;

export class Swarm {
  readonly supervisor: Supervisor;
  readonly tasks: TaskQueue;
  readonly ledger: LedgerClient;
  readonly level = new ServiceLevel();
  /** Fewer agents than this cannot decide anything. */
  readonly quorum = Math.floor(AGENT_COUNT / 2) + 1;
  readonly #intake: Intake;

  constructor({ seed, pace, wearAfter, workerScript }: SwarmOptions) {
    this.supervisor = new Supervisor({
      agentCount: AGENT_COUNT,
      seed,
      pace,
      wearAfter,
      workerScript: workerScript ?? new URL('./worker.js', import.meta.url),
    });
    this.tasks = new TaskQueue(this.supervisor);
    this.ledger = new LedgerClient(this.supervisor);
    this.#intake = new Intake(this.tasks, this.level, { seed, pace });
    this.tasks.on('ended', (task, end) => {
      if (end.ok) this.ledger.add(task.id);
    });
  }

  async start(): Promise<void> {
    await this.supervisor.start();
    this.#intake.start();
    this.ledger.start();
  }

  async stop(): Promise<void> {
    this.#intake.stop();
    this.ledger.stop();
    this.tasks.close();
    await this.supervisor.stop();
  }
}
