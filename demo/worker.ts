/**
 * One process of the swarm: an agent that does tasks, or the ledger that agents depend on. It obeys
 * its supervisor and its plan, and ends when its supervisor is gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LeaseTable } from './leases.js';
import {
  EXIT_NO_LEASE,
  isToWorker,
  TASK_MS,
  type FromWorker,
  type ToWorker,
  type WorkerConfig,
} from './messages.js';
import { Body, crash } from './misbehave.js';
import { agentFaults, isCallLost, outages, storms, taskFault, type Stretch } from './plan.js';
import { Random } from './prng.js';

const body = new Body();
const running = new Map<number, NodeJS.Timeout>();
let giveBackLease = (): void => undefined;

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

process.on('disconnect', () => process.exit(0));
// Ctrl-C goes to the whole terminal. Ending is the supervisor's decision, in good order.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

let obey = (message: ToWorker): void => {
  if (message.kind === 'start') obey = start(message.config);
};
process.on('message', (message) => {
  if (isToWorker(message)) obey(message);
});

function start(config: WorkerConfig): (message: ToWorker) => void {
  if (config.role === 'ledger') {
    say({ kind: 'ready', lease: undefined });
    return ledger(config);
  }
  say({ kind: 'ready', lease: takeLease(config) });
  void followPlan(config);
  void joinStorms(config);
  return agent(config);
}

/** No lease, no start. */
function takeLease(config: WorkerConfig): number {
  const { leaseDirectory, leaseCapacity, reservedLease, seed, agentId, incarnation } = config;
  const table = new LeaseTable({ directory: leaseDirectory, capacity: leaseCapacity });
  if (reservedLease !== undefined) table.take(reservedLease);
  const lease = reservedLease ?? table.claim(new Random(seed, 'lease', agentId, incarnation));
  if (lease === undefined) process.exit(EXIT_NO_LEASE);
  giveBackLease = () => table.release(lease);
  return lease;
}

async function followPlan(config: WorkerConfig): Promise<void> {
  for (const fault of agentFaults(config, config)) {
    await sleep(fault.afterMs);
    await body.suffer(fault);
  }
}

async function joinStorms(config: WorkerConfig): Promise<void> {
  for (const { atMs, victims } of storms(config, config.agentCount)) {
    const waitMs = config.epochMs + atMs - Date.now();
    if (waitMs < 0) continue; // That was before this process.
    await sleep(waitMs);
    if (victims.has(config.index)) crash('kill');
  }
}

/** What every process of the swarm answers. */
function obeyCommon(message: ToWorker): void {
  if (message.kind === 'ping') say({ kind: 'pong', vitals: body.vitals() });
  if (message.kind === 'trim') body.trim();
  if (message.kind === 'shutdown') {
    giveBackLease();
    process.exit(0);
  }
}

function agent(config: WorkerConfig): (message: ToWorker) => void {
  return (message) => {
    if (message.kind === 'cancel') {
      clearTimeout(running.get(message.task));
      running.delete(message.task);
    } else if (message.kind === 'task') {
      work(config, message);
    } else {
      obeyCommon(message);
    }
  };
}

function work(
  config: WorkerConfig,
  { task, attempt }: { readonly task: number; readonly attempt: number },
): void {
  const fault = taskFault(config, { task, attempt });
  if (fault === 'stall') return; // Waits for an answer that will not come.
  const timer = setTimeout(() => {
    running.delete(task);
    if (fault === 'none') say({ kind: 'done', task, attempt });
    else say({ kind: 'error', task, attempt, message: 'planned: the input does not parse' });
  }, TASK_MS);
  running.set(task, timer);
}

function ledger(config: WorkerConfig): (message: ToWorker) => void {
  const plan = outages(config);
  let outage = plan.next().value;
  /** Outages come in order of time, so the plan is only ever read forwards. */
  const isOut = (atMs: number): boolean => {
    while (outage && outage.toMs < atMs) outage = plan.next().value;
    return outage !== undefined && contains(outage, atMs);
  };
  return (message) => {
    if (message.kind !== 'commit') return obeyCommon(message);
    if (isOut(Date.now() - config.epochMs) || isCallLost(config, message.call)) return;
    say({ kind: 'committed', call: message.call });
  };
}

function contains({ fromMs, toMs }: Stretch, atMs: number): boolean {
  return fromMs <= atMs && atMs <= toMs;
}
