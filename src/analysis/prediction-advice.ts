/** What to do about sources of predictions that are of no use, or too sure of themselves. */
import type { Recommendation } from './recommendation.js';
import type { Situation } from './situation.js';

const SINCE_BEGINNING = 'all';

/** One piece of advice per source of predictions at most. Errors: none. No data: no advice. */
export function predictionAdvice({ predictors }: Situation): Recommendation[] {
  return [...predictors].flatMap(([predictor, { chance, calibration }]): Recommendation[] => {
    if (chance.verdict === 'no_better_than_chance') {
      return [
        {
          id: `prediction:no_better_than_chance:${predictor}`,
          kind: 'prediction',
          severity: 'warning',
          message: `Predictions of '${predictor}' are no better than chance (${chance.why}). Stop acting on them or improve them.`,
          evidence: {
            source: predictor,
            tested: chance.tested,
            came_true: chance.cameTrue,
            expected_by_chance: chance.expected,
            odds_against_chance: chance.odds,
            window: SINCE_BEGINNING,
          },
          action: `Switch off what acts on predictions of '${predictor}' until they are better than chance.`,
        },
      ];
    }
    const { meanConfidence, cameTrue } = calibration;
    if (calibration.verdict !== 'overconfident') return [];
    if (meanConfidence === undefined || cameTrue === undefined) return [];
    return [
      {
        id: `prediction:overconfident:${predictor}`,
        kind: 'prediction',
        severity: 'info',
        message: `Predictions of '${predictor}' are overconfident (confidence ${percent(meanConfidence)} on average, ${percent(cameTrue)} came true). Recalibrate them.`,
        evidence: {
          source: predictor,
          judged: calibration.judged,
          mean_confidence: meanConfidence,
          came_true: cameTrue,
          brier: calibration.brier ?? null,
          window: SINCE_BEGINNING,
        },
        action: `Lower the confidence of '${predictor}' to what its reliability bins say.`,
      },
    ];
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
