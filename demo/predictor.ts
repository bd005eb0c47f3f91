/** Sees failures coming. Sometimes it is wrong, and its confidence is how often it was right. */
import type { FailureType, PredictionOutcome, Predictor as Source } from './events.js';
import { MEMORY_LIMIT_BYTES, type Vitals } from './messages.js';
import type { Swarm } from './swarm.js';
import { QUEUE_LENGTH_MAX } from './tasks.js';

export interface Forecast {
  readonly source: Source;
  readonly failureType: FailureType;
  readonly agentId?: string;
  readonly confidence: number;
  readonly expectedTimeMs: number;
  readonly reasoning: string;
  readonly recommendedAction: string;
}

const MIB = 1024 * 1024;
/** So many rises in a row, each of them more than the noise of a heap, are a trend. */
const RISES = 3;
const RISE_BYTES_MIN = 0.4 * MIB;
/** Sooner than this, there is nothing left to predict. */
const LEAD_MS_MIN = 300;
/** A failure is found up to this long after it began. */
const NOTICE_MS = 500;
/** A queue that grows and is so long will soon be too long. */
const QUEUE_LENGTH_NOTED = 0.4 * QUEUE_LENGTH_MAX;

interface Sample {
  readonly atMs: number;
  readonly value: number;
}

export class Predictor {
  readonly #report: (forecast: Forecast) => void;
  readonly #record: Record<Source, { right: number; total: number }> = {
    pattern: { right: 0, total: 0 },
    trend: { right: 0, total: 0 },
    queue: { right: 0, total: 0 },
  };
  readonly #memory = new Map<string, Sample[]>();
  readonly #ioRetries = new Map<string, number>();
  #queue: Sample = { atMs: 0, value: 0 };

  constructor(swarm: Swarm, report: (forecast: Forecast) => void) {
    this.#report = report;
    swarm.supervisor.on('vitals', (agentId, vitals) => {
      this.#watchMemory(agentId, vitals);
      this.#watchIo(agentId, vitals);
    });
    swarm.supervisor.on('up', (agentId) => {
      // A new process: what the last one said is no forecast for it.
      this.#memory.delete(agentId);
      this.#ioRetries.delete(agentId);
    });
  }

  /** Laplace's rule of succession: half sure without experience, never quite sure. */
  confidence(source: Source): number {
    const { right, total } = this.#record[source];
    return (right + 1) / (total + 2);
  }

  learn(source: Source, outcome: PredictionOutcome): void {
    if (outcome === 'expired') return; // Nobody knows.
    this.#record[source].total += 1;
    if (outcome !== 'false_positive') this.#record[source].right += 1;
  }

  #watchMemory(agentId: string, { memoryBytes }: Vitals): void {
    const samples = [
      ...(this.#memory.get(agentId) ?? []),
      { atMs: Date.now(), value: memoryBytes },
    ].slice(-RISES - 1);
    this.#memory.set(agentId, samples);
    const leadMs = timeToReach(MEMORY_LIMIT_BYTES, samples);
    const isRising = samples.every(
      ({ value }, n) => n === 0 || value - (samples[n - 1]?.value ?? value) > RISE_BYTES_MIN,
    );
    if (samples.length <= RISES || !isRising || leadMs < LEAD_MS_MIN) return;
    this.#report({
      source: 'trend',
      failureType: 'memory_leak',
      agentId,
      confidence: this.confidence('trend'),
      expectedTimeMs: Math.round(leadMs) + NOTICE_MS,
      reasoning: `memory rose ${RISES} times in a row, to ${Math.round(memoryBytes / MIB)} MiB`,
      recommendedAction: 'rebalance the agent before it reaches the limit',
    });
  }

  #watchIo(agentId: string, { ioRetries }: Vitals): void {
    const before = this.#ioRetries.get(agentId) ?? 0;
    this.#ioRetries.set(agentId, ioRetries);
    if (ioRetries <= before) return;
    this.#report({
      source: 'pattern',
      failureType: 'agent_crash',
      agentId,
      confidence: this.confidence('pattern'),
      expectedTimeMs: 1800,
      reasoning: 'crashes often follow repeated input and output',
      recommendedAction: 'be ready to restart the agent',
    });
  }

  /** To be told the length of the queue again and again. */
  watchQueue(length: number): void {
    const samples = [this.#queue, { atMs: Date.now(), value: length }];
    this.#queue = { atMs: Date.now(), value: length };
    const leadMs = timeToReach(QUEUE_LENGTH_MAX, samples);
    if (length < QUEUE_LENGTH_NOTED || leadMs <= 0 || leadMs > 5000) return;
    this.#report({
      source: 'queue',
      failureType: 'resource_exhaustion',
      confidence: this.confidence('queue'),
      expectedTimeMs: Math.max(1000, Math.round(leadMs)),
      reasoning: `the queue grew to ${length} of ${QUEUE_LENGTH_MAX}`,
      recommendedAction: 'shed tasks of low priority',
    });
  }
}

/** When the line through the first and last sample reaches the limit; Infinity when it never does. */
function timeToReach(limit: number, samples: readonly Sample[]): number {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.value <= first.value) return Infinity;
  return ((limit - last.value) * (last.atMs - first.atMs)) / (last.value - first.value);
}
