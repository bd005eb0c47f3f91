/**
 * The one word about a strategy, from the attempts since its last change. A word is given when it is likely to be
 * true and left only when it has become unlikely: so it does not flicker while the rate stays what it is.
 */
import { betaCdf } from '../beta.js';

export const RECOMMENDATION_WORDS = [
  'keep',
  'tune',
  'replace',
  'investigate',
  'monitor',
  'insufficient_data',
] as const;
export type RecommendationWord = (typeof RECOMMENDATION_WORDS)[number];

/** Attempts of the present regime below which nothing is said. */
const WORD_ATTEMPTS_MIN = 10;

const BAD_RATE = 0.5;
const FAIR_RATE = 0.7;
const GOOD_RATE = 0.9;
const REPLACE_FROM = 0.95;
const REPLACE_UNTIL = 0.8;
const OTHERS_FROM = 0.8;
const OTHERS_UNTIL = 0.6;

export interface Judged {
  readonly attempts: number;
  readonly successes: number;
  readonly degrading: boolean;
}

/** `previous` is the word given before, by the same rule. */
export function nextWord(
  previous: RecommendationWord,
  { attempts, successes, degrading }: Judged,
): RecommendationWord {
  if (attempts < WORD_ATTEMPTS_MIN) return 'insufficient_data';
  const replaceFrom = previous === 'replace' ? REPLACE_UNTIL : REPLACE_FROM;
  // Where at least one half succeeded, the rate is as likely above one half as below it.
  const mayBeBad = 2 * successes < attempts;
  if (mayBeBad && probabilityBelow(BAD_RATE, attempts, successes) >= replaceFrom) return 'replace';
  if (degrading) {
    const tuneFrom = previous === 'tune' ? OTHERS_UNTIL : OTHERS_FROM;
    const isFair = isLikelyAbove(FAIR_RATE, tuneFrom, { attempts, successes });
    return isFair ? 'tune' : 'investigate';
  }
  const keepFrom = previous === 'keep' ? OTHERS_UNTIL : OTHERS_FROM;
  const isGood = isLikelyAbove(GOOD_RATE, keepFrom, { attempts, successes });
  return isGood ? 'keep' : 'monitor';
}

/**
 * Whether the true rate lies above `rate` with this probability. Most rates lie so far from it that mean and variance
 * decide it (Cantelli's inequality: at most v / (v + d²) lies d or more to one side of the mean).
 */
function isLikelyAbove(
  rate: number,
  probability: number,
  { attempts, successes }: Omit<Judged, 'degrading'>,
): boolean {
  const mean = (successes + 0.5) / (attempts + 1);
  const variance = (mean * (1 - mean)) / (attempts + 2);
  const beyondMax = variance / (variance + (mean - rate) ** 2);
  if (mean > rate && 1 - beyondMax >= probability) return true;
  if (mean < rate && beyondMax < probability) return false;
  return 1 - probabilityBelow(rate, attempts, successes) >= probability;
}

/** How likely it is that the true rate lies below `rate`, after these attempts (Jeffreys prior). */
export function probabilityBelow(rate: number, attempts: number, successes: number): number {
  return betaCdf(rate, successes + 0.5, attempts - successes + 0.5);
}
