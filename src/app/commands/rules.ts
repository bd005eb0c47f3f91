/** `rules`: Prometheus rules for a chosen objective, thresholds, windows and label names. */
import { ExporterError } from '../../core/errors.js';
import { rulesFile } from '../../rules/rules-file.js';
import { EXIT } from '../exit-codes.js';
import type { Command } from './command.js';
import { readRuleOptions, RULE_FLAGS } from './rule-flags.js';

export const rulesCommand: Command = {
  name: 'rules',
  summary: 'print recording and alerting rules for Prometheus',
  usage: '[options]',
  details:
    'Prints YAML: selfhealer-exporter rules --objective 0.97 > rules.yml. Options with which an\n' +
    'alert could never fire are refused with the reason. docs/prometheus.md says what each means.',
  options: RULE_FLAGS,
  settings: 'none',
  operands: 0,
  run: async ({ options }, io) => {
    const read = readRuleOptions(options);
    const file = read.ok ? rulesFile(read.options) : read;
    if (!file.ok) {
      const problems = file.problems.map((problem) => `\n  ${problem}`).join('');
      throw new ExporterError('USAGE', `rules (see selfhealer-exporter rules --help):${problems}`);
    }
    io.stdout(file.text);
    return EXIT.ok;
  },
};
