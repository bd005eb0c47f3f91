/**
 * The best that is possible: Page's CUSUM, told the rates before and after the change, which nobody knows in practice.
 * No rule with as few false alarms is sooner on average (Moustakides 1986).
 */
import type { Results } from './streams.js';

interface Rates {
  readonly before: number;
  readonly after: number;
}

/** The threshold at which results of the first rate raise one alarm in `gamma`, found by trying. */
export function knownRatesThreshold(rates: Rates, gamma: number, random: () => number): number {
  const results = Array.from({ length: 200 * gamma }, () => random() < rates.before);
  let [low, high] = [0, Math.log(gamma)];
  for (let i = 0; i < 9; i += 1) {
    const middle = (low + high) / 2;
    if (results.length / alarms(results, rates, middle) < gamma) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Results of the second rate until the alarm, after `settled` of the first. */
export function knownRatesDelay(
  rates: Rates,
  threshold: number,
  settled: number,
  [before, after]: readonly [Results, Results],
): number {
  const [gain, loss] = steps(rates);
  let evidence = 0;
  for (let n = 0; n < settled; n += 1) {
    evidence = Math.max(0, evidence + (before() ? gain : loss));
    if (evidence >= threshold) evidence = 0;
  }
  let delay = 0;
  do {
    delay += 1;
    evidence = Math.max(0, evidence + (after() ? gain : loss));
  } while (evidence < threshold);
  return delay;
}

function alarms(results: readonly boolean[], rates: Rates, threshold: number): number {
  const [gain, loss] = steps(rates);
  let evidence = 0;
  let count = 0;
  for (const succeeded of results) {
    evidence = Math.max(0, evidence + (succeeded ? gain : loss));
    if (evidence < threshold) continue;
    count += 1;
    evidence = 0;
  }
  return count;
}

/** What a success and a failure say for the second rate. */
function steps({ before, after }: Rates): readonly [gain: number, loss: number] {
  return [Math.log(after / before), Math.log((1 - after) / (1 - before))];
}
