/** What supervisor and workers say to each other over IPC, and the few figures that both must know. */

/** The configuration that every agent should run. An agent that says another one has drifted. */
export const CONFIG_VERSION = 7;
/** How long an agent works on one task. */
export const TASK_MS = 150;
/** An agent that holds more than this leaks. A fresh one holds about 3.5 MiB. */
export const MEMORY_LIMIT_BYTES = 16 * 1024 * 1024;
/** Below this an agent has its memory back. */
export const MEMORY_RELIEVED_BYTES = 5 * 1024 * 1024;
/** EX_TEMPFAIL of sysexits.h: an agent that found no lease. */
export const EXIT_NO_LEASE = 75;

export interface WorkerConfig {
  readonly role: 'agent' | 'ledger';
  readonly agentId: string;
  readonly index: number;
  readonly incarnation: number;
  readonly agentCount: number;
  readonly seed: number;
  readonly pace: number;
  /** When the swarm began, Unix milliseconds: what many processes do at once they time from here. */
  readonly epochMs: number;
  readonly leaseDirectory: string;
  readonly leaseCapacity: number;
  /** A lease that was set aside for this agent; without it the agent has to find one. */
  readonly reservedLease: number | undefined;
}

/** What an agent says of itself when asked. */
export interface Vitals {
  readonly memoryBytes: number;
  /** Input and output that had to be tried again, since the process began. */
  readonly ioRetries: number;
  readonly configVersion: number;
}

export type ToWorker =
  | { readonly kind: 'start'; readonly config: WorkerConfig }
  | { readonly kind: 'ping' }
  | { readonly kind: 'task'; readonly task: number; readonly attempt: number }
  | { readonly kind: 'cancel'; readonly task: number }
  | { readonly kind: 'commit'; readonly call: number }
  | { readonly kind: 'trim' }
  | { readonly kind: 'shutdown' };

export type FromWorker =
  | { readonly kind: 'ready'; readonly lease: number | undefined }
  | { readonly kind: 'pong'; readonly vitals: Vitals }
  | { readonly kind: 'done'; readonly task: number; readonly attempt: number }
  | {
      readonly kind: 'error';
      readonly task: number;
      readonly attempt: number;
      readonly message: string;
    }
  | { readonly kind: 'committed'; readonly call: number };

/** Both ends are ours, so a look at the shape is enough. */
function isMessage(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'kind' in message;
}

export function isToWorker(message: unknown): message is ToWorker {
  return isMessage(message);
}

export function isFromWorker(message: unknown): message is FromWorker {
  return isMessage(message);
}
