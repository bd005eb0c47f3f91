/** Failures that were expected, and what became of them. */
import { PREDICTION_OUTCOMES, PREDICTORS } from '../core/event.js';
import { CONFIDENCE_BUCKETS, RECOVERY_BUCKETS } from '../core/state/histogram.js';
import { counter, histogram, OPEN_SET, type MetricRows } from './define.js';

const PREDICTOR_LABELS = [...PREDICTORS, 'unknown'] as const;

export const PREDICTIONS = {
  selfhealer_predictions_total: counter({
    otel: 'selfhealer.predictions',
    unit: '{prediction}',
    help: 'Predictions issued.',
    labels: { failure_type: OPEN_SET, predictor: PREDICTOR_LABELS },
    family: ({ state }) => state.counts.predictions,
  }),
  selfhealer_prediction_outcomes_total: counter({
    otel: 'selfhealer.prediction.outcomes',
    unit: '{prediction}',
    help: 'Predictions settled, each once.',
    labels: {
      failure_type: OPEN_SET,
      predictor: PREDICTOR_LABELS,
      outcome: PREDICTION_OUTCOMES,
    },
    family: ({ state }) => state.counts.predictionOutcomes,
  }),
  selfhealer_prediction_confidence_ratio: histogram({
    otel: 'selfhealer.prediction.confidence.ratio',
    unit: '1',
    help: 'Confidence when issued.',
    labels: { predictor: PREDICTOR_LABELS },
    buckets: CONFIDENCE_BUCKETS,
    family: ({ state }) => state.counts.confidence,
  }),
  selfhealer_prediction_lead_time_seconds: histogram({
    otel: 'selfhealer.prediction.lead_time',
    unit: 's',
    help: 'From issue to occurrence.',
    labels: { predictor: PREDICTOR_LABELS },
    buckets: RECOVERY_BUCKETS,
    family: ({ state }) => state.counts.leadSeconds,
  }),
} satisfies MetricRows;
