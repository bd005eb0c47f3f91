/** A prediction while it stands. */
import type { PredictorLabel } from '../facts.js';

export interface Prediction {
  readonly source: string;
  readonly predictionId: string;
  readonly failureType: string;
  readonly agentId: string | undefined;
  readonly predictor: PredictorLabel;
  readonly confidence: number;
  readonly issuedMs: number;
  readonly endMs: number;
  readonly seq: number;
  /** That such a failure comes in such a time anyway; undefined when it is not compared with that. */
  readonly chance: number | undefined;
  /** Attempts that were made because of it. */
  readonly preventive: { attempts: number; durationMs: number };
}
