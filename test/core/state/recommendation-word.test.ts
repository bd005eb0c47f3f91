/** Short cuts to a word never lead to another one than the probabilities do. */
import { expect, test } from 'vitest';
import {
  nextWord,
  probabilityBelow,
  RECOMMENDATION_WORDS,
  type Judged,
  type RecommendationWord,
} from '../../../src/core/state/recommendation-word.js';

/** The rule as docs/analysis.md has it. */
function byTheBook(previous: RecommendationWord, judged: Judged): RecommendationWord {
  const { attempts, successes, degrading } = judged;
  if (attempts < 10) return 'insufficient_data';
  const below = (rate: number): number => probabilityBelow(rate, attempts, successes);
  if (below(0.5) >= (previous === 'replace' ? 0.8 : 0.95)) return 'replace';
  if (degrading)
    return 1 - below(0.7) >= (previous === 'tune' ? 0.6 : 0.8) ? 'tune' : 'investigate';
  return 1 - below(0.9) >= (previous === 'keep' ? 0.6 : 0.8) ? 'keep' : 'monitor';
}

test('the word is that of the probabilities, for every number of successes and every word before', () => {
  const given = new Set<string>();
  for (const attempts of [1, 9, 10, 11, 17, 40, 99, 100, 333, 2_000]) {
    for (let successes = 0; successes <= attempts; successes += 1) {
      for (const previous of RECOMMENDATION_WORDS) {
        for (const degrading of [false, true]) {
          const judged = { attempts, successes, degrading };
          const word = nextWord(previous, judged);
          if (word !== byTheBook(previous, judged))
            expect({ previous, ...judged, word }).toBeNull();
          given.add(word);
        }
      }
    }
  }
  expect([...given].sort()).toEqual([...RECOMMENDATION_WORDS].sort());
});
