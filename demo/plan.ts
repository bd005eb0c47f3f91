/**
 * What will go wrong, and when: pure functions of the seed and the pace. Only the processes that
 * misbehave read this plan. The healer never sees it; it has to find out.
 */
import { Random } from './prng.js';

export interface PlanOptions {
  readonly seed: number;
  /** 1 is about 1.5 failures a second over the whole swarm; 10 is ten times as many. */
  readonly pace: number;
}

/** Something an agent does to itself, `afterMs` after it was done with the last thing. */
export type Fault = { readonly afterMs: number } & (
  | { readonly kind: 'crash'; readonly how: 'error' | 'kill'; readonly warned: boolean }
  | { readonly kind: 'hang'; readonly forMs: number }
  | { readonly kind: 'leak'; readonly stepBytes: number; readonly trimmable: boolean }
  | { readonly kind: 'warm_up'; readonly stepBytes: number }
  | { readonly kind: 'false_alarm' }
  | { readonly kind: 'drift'; readonly forMs: number }
);

/** Mean time between two faults of one agent at pace 1. */
const FAULT_GAP_MS = 5000;
const MIB = 1024 * 1024;

/** The first fault of each agent's first life comes at once: the page should not start empty. */
const OPENING: readonly Fault[] = [
  { kind: 'crash', afterMs: 700, how: 'error', warned: false },
  { kind: 'leak', afterMs: 300, stepBytes: 0.75 * MIB, trimmable: true },
  { kind: 'hang', afterMs: 1200, forMs: 1500 },
  { kind: 'drift', afterMs: 900, forMs: 3000 },
  { kind: 'crash', afterMs: 1500, how: 'kill', warned: true },
];

export interface Life {
  readonly agentId: string;
  /** The place of the agent in the swarm, from 0. */
  readonly index: number;
  /** How many processes this agent had before. */
  readonly incarnation: number;
}

export function* agentFaults({ seed, pace }: PlanOptions, life: Life): Generator<Fault, void> {
  const random = new Random(seed, 'faults', life.agentId, life.incarnation);
  const opening = life.incarnation === 0 ? OPENING[life.index] : undefined;
  if (opening) yield opening;
  while (true) yield draw(random, random.exponential(FAULT_GAP_MS / pace));
}

/** The shares add up to 1: half crashes, the rest as it is in life. */
function draw(random: Random, afterMs: number): Fault {
  const dice = random.next();
  if (dice < 0.55) {
    const how = random.chance(0.5) ? 'kill' : 'error';
    return { kind: 'crash', afterMs, how, warned: random.chance(0.4) };
  }
  if (dice < 0.7) {
    // Half of the hangs end by themselves, before the healer loses its patience.
    const forMs = random.chance(0.5) ? random.between(1300, 1700) : random.between(4000, 8000);
    return { kind: 'hang', afterMs, forMs };
  }
  if (dice < 0.84) {
    const stepBytes = (random.chance(0.5) ? 0.75 : 2.5) * MIB;
    return { kind: 'leak', afterMs, stepBytes, trimmable: random.chance(0.85) };
  }
  if (dice < 0.89) return { kind: 'warm_up', afterMs, stepBytes: 0.75 * MIB };
  if (dice < 0.95) return { kind: 'false_alarm', afterMs };
  return { kind: 'drift', afterMs, forMs: random.between(2000, 6000) };
}

/** What becomes of one run of one task. A first retry mostly helps; some tasks are poison. */
export function taskFault(
  { seed, pace }: PlanOptions,
  { task, attempt }: { readonly task: number; readonly attempt: number },
): 'none' | 'stall' | 'error' {
  const random = new Random(seed, 'task', task, attempt);
  // The intake stays the same at every pace, so the share that goes wrong carries it.
  if (!random.chance(attempt === 0 ? Math.min(0.5, 0.045 * pace) : 0.12)) return 'none';
  return random.chance(0.6) ? 'stall' : 'error';
}

/** Single calls that the ledger never answers. */
export function isCallLost({ seed, pace }: PlanOptions, call: number): boolean {
  return new Random(seed, 'call', call).chance(Math.min(0.25, 0.045 * pace));
}

/** A stretch of time, in milliseconds since the swarm began. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** When the ledger answers nothing at all. */
export function* outages({ seed, pace }: PlanOptions): Generator<Stretch, void> {
  const random = new Random(seed, 'outages');
  let fromMs = 5000 / pace;
  while (true) {
    const toMs = fromMs + random.between(2500, 4000);
    yield { fromMs, toMs };
    fromMs = toMs + 2000 + random.exponential(80_000 / pace);
  }
}

/** When far more tasks come in than the swarm can do. The short ones pass without harm. */
export function* bursts({ seed, pace }: PlanOptions): Generator<Stretch, void> {
  const random = new Random(seed, 'bursts');
  let fromMs = 3000 / pace;
  for (let n = 0; ; n++) {
    const isLong = n === 0 || random.chance(0.6);
    const toMs = fromMs + (isLong ? random.between(2200, 3000) : random.between(600, 800));
    yield { fromMs, toMs };
    fromMs = toMs + 3000 + random.exponential(45_000 / pace);
  }
}

/** When most of the swarm dies at once, as when a machine goes, and which agents those are. */
export function* storms(
  { seed, pace }: PlanOptions,
  agentCount: number,
): Generator<{ readonly atMs: number; readonly victims: ReadonlySet<number> }, void> {
  const random = new Random(seed, 'storms');
  let atMs = 8000 / pace;
  while (true) {
    const indexes = Array.from({ length: agentCount }, (_, index) => index);
    const victims = new Set<number>();
    while (victims.size <= agentCount / 2) {
      for (const index of indexes.splice(random.below(indexes.length), 1)) victims.add(index);
    }
    yield { atMs, victims };
    atMs += 3000 + random.exponential(90_000 / pace);
  }
}
