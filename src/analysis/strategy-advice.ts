/** Advice on one strategy: a rate that is too low, a rate that falls. */
import { probabilityBelow } from '../core/state/recommendation-word.js';
import { missingOf, shiftOf } from './mix-shift.js';
import type { Figures, Recommendation } from './recommendation.js';
import type { Situation, StrategySituation } from './situation.js';
import { ratio } from './totals.js';

const REPLACE_RATE = 0.5;
/** A rate below one half is critical once it is as sure as this, by the measure that also gives `replace`. */
const SURE = 0.95;
const SURE_ATTEMPTS_MIN = 10;

/** The rate is that of the window; the trend is the one of now, and its evidence says so. */
export function aboutStrategy(told: StrategySituation, { window }: Situation): Recommendation[] {
  const { strategy, attempts, succeeded, trend } = told;
  const rate = ratio(succeeded, attempts);
  const isBad = rate !== undefined && rate < REPLACE_RATE;
  if (!isBad && trend !== 'degrading') return [];
  const evidence: Figures = {
    success_rate: rate ?? null,
    attempts,
    trend,
    trend_window: 'now',
    window,
  };
  if (isBad) {
    return [
      {
        id: `strategy:low_success_rate:${strategy}`,
        kind: 'strategy',
        severity: surelyBad(attempts, succeeded) ? 'critical' : 'warning',
        strategy,
        message: `Strategy '${strategy}' has low success rate (${(rate * 100).toFixed(1)}%). Consider replacing or redesigning.`,
        evidence: {
          ...evidence,
          threshold: REPLACE_RATE,
          probability_below_threshold: probabilityBelow(REPLACE_RATE, attempts, succeeded),
        },
        action: `Replace or redesign '${strategy}'; meanwhile try another strategy first.`,
      },
    ];
  }
  return [
    {
      id: `strategy:degrading:${strategy}`,
      kind: 'strategy',
      severity: 'warning',
      strategy,
      ...wordsOnFall(told),
      evidence: { ...evidence, ...evidenceOfFall(told) },
    },
  ];
}

/** More failures than one half, and hardly by chance. */
export function surelyBad(attempts: number, succeeded: number): boolean {
  if (attempts < SURE_ATTEMPTS_MIN) return false;
  return probabilityBelow(REPLACE_RATE, attempts, succeeded) >= SURE;
}

function wordsOnFall({
  strategy,
  mix,
}: StrategySituation): Pick<Recommendation, 'message' | 'action'> {
  if (shiftOf(mix)?.isMix === true) {
    return {
      message: `Strategy '${strategy}' is degrading because it is given other failures: the mix of failure types explains most of the fall. Look at what fails first.`,
      action: `Find why '${strategy}' is given other failure types than before, and whether another strategy suits them better.`,
    };
  }
  const first =
    missingOf(mix) === undefined
      ? ''
      : `See first whether '${strategy}' is given other failures than before. `;
  return {
    message: `Strategy '${strategy}' is degrading. Review and tune configuration parameters.`,
    action: `${first}Look at what changed when '${strategy}' began to fail more often, and tune it.`,
  };
}

function evidenceOfFall({ changedMs, delta, change, mix }: StrategySituation): Figures {
  const shift = shiftOf(mix);
  return {
    success_delta: delta ?? null,
    changed_at: changedMs === undefined ? null : new Date(changedMs).toISOString(),
    trend_evidence_nats: change?.nats ?? null,
    rate_before: change?.before ?? null,
    rate_after: change?.after ?? null,
    mix_changed: shift?.isMix ?? null,
    delta_by_mix: shift?.byMix ?? null,
    delta_by_rates: shift?.byRates ?? null,
    trend_cause_missing: missingOf(mix) ?? null,
  };
}
