/** The predictions that stand, until each is settled: once, and for one reason. */
import type { FailureType, PredictionOutcome } from './events.js';
import type { Forecast } from './predictor.js';

export interface Prediction extends Forecast {
  readonly id: string;
  readonly issuedMs: number;
}

/** A failure that comes this much later than expected is still the predicted one. */
const PATIENCE = 1.6;
/** After this it is over, whatever came of it. */
const END = 2;

export class Predictions {
  readonly #standing = new Map<string, Prediction>();
  readonly #settle: (prediction: Prediction, outcome: PredictionOutcome) => void;

  constructor(settle: (prediction: Prediction, outcome: PredictionOutcome) => void) {
    this.#settle = settle;
  }

  /** One prediction at a time for one failure. */
  isStanding({ failureType, agentId }: Pick<Forecast, 'failureType' | 'agentId'>): boolean {
    return this.#find(failureType, agentId) !== undefined;
  }

  add(prediction: Prediction): void {
    this.#standing.set(prediction.id, prediction);
  }

  /** Settles it, unless that has been done. */
  settle(prediction: Prediction, outcome: PredictionOutcome): void {
    if (this.#standing.delete(prediction.id)) this.#settle(prediction, outcome);
  }

  occurred(failureType: FailureType, agentId: string | undefined): void {
    const prediction = this.#find(failureType, agentId);
    if (prediction) this.settle(prediction, 'occurred');
  }

  /** The agent was replaced: what was predicted of the old process is not to be known any more. */
  forget(agentId: string): void {
    for (const prediction of this.#standing.values()) {
      if (prediction.agentId === agentId) this.settle(prediction, 'expired');
    }
  }

  settleOverdue(nowMs: number): void {
    for (const prediction of this.#standing.values()) {
      const lateness = (nowMs - prediction.issuedMs) / prediction.expectedTimeMs;
      if (lateness >= END) this.settle(prediction, 'expired');
      else if (lateness >= PATIENCE) this.settle(prediction, 'false_positive');
    }
  }

  close(): void {
    for (const prediction of this.#standing.values()) this.settle(prediction, 'expired');
  }

  #find(failureType: FailureType, agentId: string | undefined): Prediction | undefined {
    return [...this.#standing.values()].find(
      (prediction) => prediction.failureType === failureType && prediction.agentId === agentId,
    );
  }
}
