/** After how many of its attempts on one incident a strategy's next one is not worth it. */
import { probabilityBelow } from '../core/state/recommendation-word.js';
import type { AttemptsOfNumber } from '../core/state/strategy-retries.js';
import { insufficient, type Parameter } from './parameter.js';
import { ratio } from './totals.js';

/** An attempt is worth it while it heals one time in ten. */
const WORTH_RATE = 0.1;
const ATTEMPTS_MIN = 10;
const SURE = 0.8;

/**
 * The number of a strategy's own attempts on one incident, the first included, beyond which the next one heals less than one time in ten.
 *
 * Units: attempts.
 * `numbers`: ascending.
 * Left out: skipped attempts, those without an incident, and those of other strategies.
 * No data: insufficient below ten attempts of the first number; `at_least` where the next number has too few.
 * Errors: none.
 * Source: the Jeffreys posterior of the success rate by number of the strategy's own attempt.
 */
export function retryLimit(numbers: readonly AttemptsOfNumber[], window: string): Parameter {
  const evidence = { ...figuresOf(numbers), worth_rate: WORTH_RATE, window };
  let limit = 0;
  let sure = 1;
  for (const { attempt, attempts, succeeded } of numbers) {
    if (attempt !== limit + 1 || attempts < ATTEMPTS_MIN) break;
    const tooLow = probabilityBelow(WORTH_RATE, attempts, succeeded);
    if (tooLow >= SURE) {
      const value = Math.max(1, limit);
      const why = `its attempt ${attempt} on an incident heals less than ${percent(WORTH_RATE)} of the time (${succeeded} of ${attempts})`;
      return { value, verdict: 'known', confidence: tooLow, why, evidence };
    }
    if (1 - tooLow < SURE) break; // neither worth it nor not, as far as is known
    limit += 1;
    sure = 1 - tooLow;
  }
  if (limit > 0) {
    const why = `its attempt ${limit} on an incident still heals at least ${percent(WORTH_RATE)} of the time; too little is known beyond it`;
    return { value: limit, verdict: 'at_least', confidence: sure, why, evidence };
  }
  const [first] = numbers;
  return insufficient(
    `at least ${ATTEMPTS_MIN} first attempts are needed that tell their rate from ${percent(WORTH_RATE)}, ${first?.attempt === 1 ? first.attempts : 0} stand`,
    evidence,
  );
}

function figuresOf(numbers: readonly AttemptsOfNumber[]): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    numbers.flatMap(({ attempt, attempts, succeeded }) => [
      [`attempts_${attempt}`, attempts],
      [`success_rate_${attempt}`, ratio(succeeded, attempts) ?? null],
    ]),
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
