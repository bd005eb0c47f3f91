// prometheus/rules.yml, from src/rules/ with the options that stand when nothing is chosen.
import { DEFAULT_OPTIONS } from '../../src/rules/options.js';
import { rulesFile } from '../../src/rules/rules-file.js';

export const outputPath = 'prometheus/rules.yml';

export function render(): string {
  const file = rulesFile(DEFAULT_OPTIONS);
  if (!file.ok) throw new Error(file.problems.join('\n'));
  return file.text;
}
