/** Advice on what could be better: another strategy first, time spent elsewhere, prevention. */
import type { BestStrategy, Candidate } from './best-strategy.js';
import { formatTime } from '../core/decode/time.js';
import { normalTail } from '../core/normal.js';
import type { Recommendation } from './recommendation.js';
import type { Situation } from './situation.js';

const SURE = 0.95;
/** A strategy is clearly better from so much on. */
const RATE_GAIN_MIN = 0.05;
const ATTEMPTS_MIN = 10;
/** Of a type in the window, before another strategy is proposed for it. */
const FAILURES_MIN = 3;
/** A strategy takes much of the time from one half on, with at most half that share of the successes. */
const TIME_SHARE_MIN = 0.5;
const ALL_ATTEMPTS_MIN = 30;

/** A failure type whose most used strategy is clearly worse than another one. Info: it is an association. */
export function betterStrategies(situation: Situation): Recommendation[] {
  const { best, failureTypes, window, bestWindow } = situation;
  return failureTypes.flatMap(({ failureType, failures }): Recommendation[] => {
    const known = best.get(failureType);
    const better = known?.candidates.find(({ strategy }) => strategy === known.strategy);
    const used = mostUsed(known);
    if (failures < FAILURES_MIN || better === undefined || used === undefined) return [];
    const sure = probabilityOfGain(used, better);
    if (better === used || used.attempts < ATTEMPTS_MIN || sure < SURE) return [];
    return [
      {
        id: `proposal:better_strategy:${failureType}`,
        kind: 'proposal',
        severity: 'warning',
        strategy: better.strategy,
        failureType,
        message: `'${better.strategy}' heals '${failureType}' more often than '${used.strategy}' (${percent(rateOf(better))} against ${percent(rateOf(used))}). Try it first.`,
        evidence: {
          failures,
          success_rate: rateOf(better),
          attempts: better.attempts,
          used_strategy: used.strategy,
          used_success_rate: rateOf(used),
          used_attempts: used.attempts,
          probability_of_gain: sure,
          association: true,
          window: bestWindow,
          failures_window: window,
        },
        action: `Try '${better.strategy}' before '${used.strategy}' on '${failureType}'.`,
      },
    ];
  });
}

/** A strategy that takes most of the healing time and heals little with it. */
export function timeSpent({ strategies, attempts, window }: Situation): Recommendation[] {
  const allMs = strategies.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const healed = strategies.reduce((sum, { succeeded }) => sum + succeeded, 0);
  if (attempts < ALL_ATTEMPTS_MIN || allMs === 0 || healed === 0) return [];
  const dear = strategies.filter(({ durationMs }) => durationMs / allMs >= TIME_SHARE_MIN);
  return dear.flatMap(({ strategy, durationMs, succeeded }): Recommendation[] => {
    const timeShare = durationMs / allMs;
    const successShare = succeeded / healed;
    if (successShare > timeShare / 2) return [];
    return [
      {
        id: `resource:healing_time:${strategy}`,
        kind: 'resource',
        severity: 'info',
        strategy,
        message: `Strategy '${strategy}' takes ${percent(timeShare)} of the healing time for ${percent(successShare)} of the successes. Reallocate that time.`,
        evidence: {
          share_of_time: timeShare,
          share_of_successes: successShare,
          duration_ms: durationMs,
          succeeded,
          window,
        },
        action: `Give '${strategy}' a shorter timeout or fewer attempts, and the time to other strategies.`,
      },
    ];
  });
}

/** Types that fail unusually often now, and types that others follow. */
export function preventable({ anomalies, cascades, window }: Situation): Recommendation[] {
  return [
    ...anomalies.map(anomalous),
    ...cascades.map(({ cause, effect, lift, strength }): Recommendation => ({
      id: `prevention:cascade:${cause}:${effect}`,
      kind: 'prevention',
      severity: 'info',
      failureType: cause,
      message: `'${cause}' is followed by '${effect}' within five minutes ${lift.toFixed(1)} times as often as by chance. Prevent '${cause}' first.`,
      evidence: { effect, lift, strength, window: '28d', window_end: 'now', report_window: window },
      action: `Prevent '${cause}', or shield what fails as '${effect}' from it.`,
    })),
  ];
}

/** `from`: the five minutes looked at are the present ones or those before, whichever are more unusual. */
function anomalous(anomaly: Situation['anomalies'][number]): Recommendation {
  const { failureType, score, failures, expected, probability, qValue, stepMs } = anomaly;
  return {
    id: `prevention:anomaly:${failureType}`,
    kind: 'prevention',
    severity: 'warning',
    failureType,
    message: `'${failureType}' fails unusually often now. Look for the cause before it spreads.`,
    evidence: {
      anomaly_score: score,
      failures,
      expected,
      probability,
      q_value: qValue,
      window: '5m',
      from: formatTime(stepMs),
    },
    action: `Find what changed for '${failureType}' in the last minutes.`,
  };
}

function mostUsed(known: BestStrategy | undefined): Candidate | undefined {
  return known?.candidates.reduce<Candidate | undefined>(
    (most, one) => (most === undefined || one.attempts > most.attempts ? one : most),
    undefined,
  );
}

/** That the rate is better by `RATE_GAIN_MIN`: normal, after one success and one failure more for each. */
function probabilityOfGain(used: Candidate, better: Candidate): number {
  const [a, b] = [used, better].map(({ attempts, succeeded }) => {
    const rate = (succeeded + 1) / (attempts + 2);
    return { rate, variance: (rate * (1 - rate)) / (attempts + 3) };
  });
  if (a === undefined || b === undefined) return 0;
  const z = (b.rate - a.rate - RATE_GAIN_MIN) / Math.sqrt(a.variance + b.variance);
  return 1 - normalTail(z);
}

function rateOf({ succeeded, attempts }: Candidate): number {
  return succeeded / attempts;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
