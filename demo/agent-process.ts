/** One child process, from fork to exit. */
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import {
  EXIT_NO_LEASE,
  isFromWorker,
  type FromWorker,
  type ToWorker,
  type WorkerConfig,
} from './messages.js';

export type Start =
  | { readonly ok: true; readonly pid: number; readonly lease: number | undefined }
  | { readonly ok: false; readonly why: string };

/** A loaded machine takes a second to start Node; far longer means that it never will. */
const START_TIMEOUT_MS = 8000;
/** Small heaps, because there are several of these; gc, because trimming must show at once. */
const EXEC_ARGV = ['--max-old-space-size=48', '--max-semi-space-size=1', '--expose-gc'];

interface AgentProcessEvents {
  message: [FromWorker];
  /** Why it ended, for people. */
  exit: [string];
}

export class AgentProcess extends EventEmitter<AgentProcessEvents> {
  /** How the start went. Never rejects. */
  readonly started: Promise<Start>;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  constructor(script: URL, config: WorkerConfig) {
    super();
    // A clean environment: what is set for the parent (coverage, loaders) is not for the agents.
    this.#child = fork(script, {
      execArgv: EXEC_ARGV,
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#exited = new Promise((resolve) => {
      this.on('exit', () => resolve());
    });
    this.#child.once('exit', (code, signal) => this.emit('exit', describeExit(code, signal)));
    // A fork that failed has no exit event; a failed send is followed by one.
    this.#child.on('error', (error) => {
      if (this.#child.pid === undefined) this.emit('exit', error.message);
    });
    this.#child.on('message', (message) => {
      if (isFromWorker(message)) this.emit('message', message);
    });
    this.started = this.#start();
    this.send({ kind: 'start', config });
  }

  #start(): Promise<Start> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve({ ok: false, why: `not ready after ${START_TIMEOUT_MS} ms` });
        this.kill();
      }, START_TIMEOUT_MS);
      this.once('exit', (why) => {
        clearTimeout(timer);
        resolve({ ok: false, why });
      });
      this.on('message', (message) => {
        if (message.kind !== 'ready') return;
        clearTimeout(timer);
        resolve({ ok: true, pid: this.#child.pid ?? 0, lease: message.lease });
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Says it, or not: to a process that is gone nothing can be said, and its exit is news enough. */
  send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Asks it to end, and makes it end when it does not within the time. */
  async retire(patienceMs: number): Promise<void> {
    this.send({ kind: 'shutdown' });
    const timer = setTimeout(() => this.kill(), patienceMs);
    await this.#exited;
    clearTimeout(timer);
  }
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `killed by ${signal}`;
  if (code === EXIT_NO_LEASE) return 'found no free lease';
  return `exit code ${code ?? 'unknown'}`;
}
