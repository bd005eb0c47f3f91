/** How long after a healing the same agent should not be healed the same way again. */
import { binMiddleMs, quantileMs } from '../core/bins.js';
import { normalTail } from '../core/normal.js';
import { RELAPSE_WITHIN_MS, type Relapses } from '../core/state/strategy-experience.js';
import { insufficient, type Parameter } from './parameter.js';
import { countOf } from './quantile-bounds.js';

const HEALED_MIN = 30;
/** What comes later than this is taken for new failures, and says how often those come. */
const EARLY_MS = RELAPSE_WITHIN_MS / 4;
const EXCESS_MIN = 5;
const SURE = 0.95;
/** The share of the relapses that the cooldown is to see. */
const COVERED = 0.9;

/**
 * The time after a healing within which nine of ten relapses show; 0 where the agents fail again no sooner than later.
 *
 * Relapses are the failures of the six hours after a healing beyond those that the eighteen hours after these let expect.
 * Units: milliseconds.
 * Left out: incidents without an agent; failures more than a day later.
 * No data: insufficient below 30 healings of known agents.
 * Errors: none.
 * Source: own; a Poisson count of early failures against the late rate.
 */
export function restartCooldown(
  relapses: Readonly<Relapses> | undefined,
  window: string,
): Parameter {
  const healed = relapses?.healed ?? 0;
  const afterMs = relapses?.afterMs ?? new Map<number, number>();
  const times = [...afterMs]
    .map(([bin, count]) => ({ ms: binMiddleMs(bin), count }))
    .sort((a, b) => a.ms - b.ms);
  const early = times.filter(({ ms }) => ms <= EARLY_MS);
  const again = early.reduce((sum, { count }) => sum + count, 0);
  const later = countOf(afterMs) - again;
  // Both are failures among those healed; the later ones only among those that had not failed until then.
  const ratePerMs = later / (Math.max(1, healed - again) * (RELAPSE_WITHIN_MS - EARLY_MS));
  const expected = healed * ratePerMs * EARLY_MS;
  const excess = again - expected;
  const figures = {
    healed,
    failed_again_within_6h: again,
    expected_within_6h: expected,
    p50_ms: quantileMs(afterMs, 0.5) ?? null,
    window,
  };
  if (healed < HEALED_MIN) {
    const why = `at least ${HEALED_MIN} healings of known agents are needed, ${healed} stand`;
    return insufficient(why, figures);
  }
  const confidence = 1 - normalTail(excess / Math.sqrt(Math.max(1, expected)));
  if (confidence < SURE || excess < EXCESS_MIN) {
    const why = `${again} of ${healed} healed agents failed again within 6 h, no more than would fail anyway`;
    return { value: 0, verdict: 'known', confidence: null, why, evidence: figures };
  }
  let seen = 0;
  for (const { ms, count } of early) {
    seen += count;
    if (seen - healed * ratePerMs * ms < COVERED * excess) continue;
    const why = `${again} of ${healed} healed agents failed again within 6 h, ${COVERED * 100} % of the relapses within ${Math.ceil(ms)} ms`;
    return { value: Math.ceil(ms), verdict: 'known', confidence, why, evidence: figures };
  }
  return insufficient('relapses come at no particular time', figures);
}
