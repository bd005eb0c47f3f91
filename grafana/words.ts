/** Words of state sets, as the dashboards show them: worst first, each with its colour. */
import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import type { RecommendationWord } from '../src/core/state/recommendation-word.js';
import type { Trend } from '../src/core/state/success-trend.js';
import type { Steps } from './cells.js';

/** As the recommendations have it: below the first good for little, from the second on good. */
export const RATIO_STEPS: Steps = [
  [null, 'red'],
  [0.7, 'orange'],
  [0.9, 'green'],
];

interface Shown<Word extends string> {
  readonly word: Word;
  readonly text: string;
  readonly color: string;
}

export const TREND: readonly Shown<Trend>[] = [
  { word: 'degrading', text: 'degrading', color: 'red' },
  { word: 'improving', text: 'improving', color: 'green' },
  { word: 'stable', text: 'stable', color: 'blue' },
  { word: 'insufficient_data', text: 'not enough data', color: 'text' },
];

export const RECOMMENDATION: readonly Shown<RecommendationWord>[] = [
  { word: 'replace', text: 'replace', color: 'red' },
  { word: 'investigate', text: 'investigate', color: 'orange' },
  { word: 'tune', text: 'tune', color: 'yellow' },
  { word: 'monitor', text: 'monitor', color: 'blue' },
  { word: 'keep', text: 'keep', color: 'green' },
  { word: 'insufficient_data', text: 'not enough data', color: 'text' },
];

export function wordsOf(shown: readonly Shown<string>[]): string[] {
  return shown.map(({ word }) => word);
}

/** For values that are the word's place in the list, counted from 1. */
export function byNumber(shown: readonly Shown<string>[]): ValueMap {
  const options: ValueMap['options'] = {};
  for (const [index, { text, color }] of shown.entries()) {
    options[String(index + 1)] = { text, color, index };
  }
  return { type: MappingType.ValueToText, options };
}
