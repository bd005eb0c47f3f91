/**
 * What has no verdict because there is too much to follow: said in the answer, where it would else look as if too few
 * data were there.
 */
import type { History } from '../core/ports.js';
import { DURATIONS_FOLLOWED_MAX, type DurationTrends } from '../core/state/duration-trend.js';
import type { Fact } from '../core/facts.js';
import type { LiveState } from '../core/state/live-state.js';
import { PAIRS_FOLLOWED_MAX } from '../core/state/pair-trends.js';
import { PAIRS_EXPERIENCED_MAX, RELAPSES_FOLLOWED_MAX } from '../core/state/strategy-experience.js';
import { RETRIES_FOLLOWED_MAX } from '../core/state/strategy-retries.js';
import { STRATEGIES_FOLLOWED_MAX, type TrendReading } from '../core/state/success-trend.js';

/** Of one strategy. */
export interface Unfollowed {
  /** In words; undefined where it has a trend, or could have one. */
  readonly trend: string | undefined;
  readonly durations: string | undefined;
  /** Failure types that it was tried on in the history and that have no verdict of their own. */
  readonly failureTypes: number;
}

/** `history` says what strategies were tried on. Nothing is missing until the state has no room for more. */
export function unfollowedStrategies(
  state: LiveState,
  { cells }: History,
): (strategy: string) => Unfollowed {
  const { trends, pairTrends, attemptDurations } = state;
  const pairsLeftOut = new Map<string, number>();
  const tried = new Set<string>();
  for (const { strategy, failureType, cell } of cells) {
    if (cell.succeeded + cell.failed === 0) continue;
    tried.add(strategy);
    if (!pairTrends.isFull || pairTrends.has(strategy, failureType)) continue;
    pairsLeftOut.set(strategy, (pairsLeftOut.get(strategy) ?? 0) + 1);
  }
  return (strategy) => ({
    trend:
      tried.has(strategy) && trends.isFull && !trends.has(strategy)
        ? firstOnly(STRATEGIES_FOLLOWED_MAX, 'strategies')
        : undefined,
    durations: tried.has(strategy)
      ? unfollowedDurations(attemptDurations, strategy, 'strategies')
      : undefined,
    failureTypes: pairsLeftOut.get(strategy) ?? 0,
  });
}

/** Where too few attempts are there for a trend, and more came late: how many. */
export function trendWithoutLate(reading: TrendReading | undefined): string | undefined {
  if (reading?.trend !== 'insufficient_data' || reading.attemptsLate === 0) return undefined;
  const late = `${reading.attemptsLate.toLocaleString('en-US')} attempts came late`;
  return `${late}, dated before one that was there already: the trend leaves them out`;
}

/** Why a name has no trend of durations; undefined where it has one, or could have one. */
export function unfollowedDurations<F extends Fact>(
  durations: DurationTrends<F>,
  name: string,
  names: 'strategies' | 'failure types',
): string | undefined {
  if (!durations.isFull || durations.has(name)) return undefined;
  return firstOnly(DURATIONS_FOLLOWED_MAX, names);
}

const PAIRS = 'pairs of failure type and strategy';

/** Why the best strategy may not be among those compared; undefined where all are followed. */
export function unfollowedPairs({ pairTrends }: LiveState): string | undefined {
  return pairTrends.isFull ? firstOnly(PAIRS_FOLLOWED_MAX, PAIRS) : undefined;
}

/** The same of a comparison by severity or attempt. */
export function unfollowedExperience({ experience }: LiveState): string | undefined {
  return experience.isFull ? firstOnly(PAIRS_EXPERIENCED_MAX, PAIRS) : undefined;
}

/** Why nothing is known of a strategy's retries; undefined where they are followed, or could be. */
export function unfollowedRetries({ retries }: LiveState, strategy: string): string | undefined {
  if (!retries.isFull || retries.has(strategy)) return undefined;
  return firstOnly(RETRIES_FOLLOWED_MAX, 'strategies');
}

/** Why nothing is known of relapses after a strategy's healings; undefined where they are followed, or could be. */
export function unfollowedRelapses({ experience }: LiveState): string | undefined {
  return experience.isFullOfRelapses
    ? firstOnly(RELAPSES_FOLLOWED_MAX, 'strategies that healed')
    : undefined;
}

function firstOnly(count: number, names: string): string {
  return `only the first ${count.toLocaleString('en-US')} ${names} are followed`;
}
