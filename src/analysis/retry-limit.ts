/** After how many attempts on one incident another one is not worth it. */
import { ATTEMPT_NUMBERS, type Experience } from '../core/state/strategy-experience.js';
import { probabilityBelow } from '../core/state/recommendation-word.js';
import { insufficient, type Parameter } from './parameter.js';
import { ratio } from './totals.js';

/** An attempt is worth it while it heals one time in ten. */
const WORTH_RATE = 0.1;
const ATTEMPTS_MIN = 10;
const SURE = 0.8;

interface OfNumber {
  attempts: number;
  succeeded: number;
}

/**
 * The number of attempts, the first included, beyond which the next one heals less than one time in ten.
 *
 * Units: attempts.
 * Left out: skipped attempts, and those without an incident.
 * No data: insufficient below ten attempts of the first number; `at_least` where the next number has too few.
 * Errors: none.
 * Source: the Jeffreys posterior of the success rate by attempt number.
 */
export function retryLimit(experience: Iterable<Experience>, window: string): Parameter {
  const numbers: OfNumber[] = Array.from({ length: ATTEMPT_NUMBERS }, () => ({
    attempts: 0,
    succeeded: 0,
  }));
  for (const { attempt, attempts, succeeded } of experience) {
    const at = numbers[attempt - 1];
    if (at === undefined) continue;
    at.attempts += attempts;
    at.succeeded += succeeded;
  }
  const evidence = { ...figuresOf(numbers), worth_rate: WORTH_RATE, window };
  let limit = 0;
  let sure = 1;
  for (const { attempts, succeeded } of numbers) {
    if (attempts < ATTEMPTS_MIN) break;
    const tooLow = probabilityBelow(WORTH_RATE, attempts, succeeded);
    if (tooLow >= SURE) {
      const value = Math.max(1, limit);
      const why = `attempt ${limit + 1} heals less than ${percent(WORTH_RATE)} of the time (${succeeded} of ${attempts})`;
      return { value, verdict: 'known', confidence: tooLow, why, evidence };
    }
    if (1 - tooLow < SURE) break; // neither worth it nor not, as far as is known
    limit += 1;
    sure = 1 - tooLow;
  }
  if (limit > 0) {
    const why = `attempt ${limit} still heals at least ${percent(WORTH_RATE)} of the time; too little is known beyond it`;
    return { value: limit, verdict: 'at_least', confidence: sure, why, evidence };
  }
  const [first] = numbers;
  return insufficient(
    `at least ${ATTEMPTS_MIN} first attempts are needed that tell their rate from ${percent(WORTH_RATE)}, ${first?.attempts ?? 0} stand`,
    evidence,
  );
}

function figuresOf(numbers: readonly OfNumber[]): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    numbers.flatMap(({ attempts, succeeded }, i) =>
      attempts === 0
        ? []
        : [
            [`attempts_${i + 1}`, attempts],
            [`success_rate_${i + 1}`, ratio(succeeded, attempts) ?? null],
          ],
    ),
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
