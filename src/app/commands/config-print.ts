/** `config print`: the configuration in force, with where each value came from. */
import { readFileSync } from 'node:fs';
import { readConfig } from '../config/config.js';
import { printConfig } from '../config/print.js';
import { configError } from '../config/problem.js';
import { EXIT } from '../exit-codes.js';
import type { Command } from './command.js';

export const configPrintCommand: Command = {
  name: 'config print',
  summary: 'print the configuration in force and where each value came from',
  usage: '[settings]',
  details: 'Prints YAML that can be used as a file. Password hashes and keys are not shown.',
  options: [],
  settings: 'all',
  operands: 0,
  run: async ({ settings }, io) => {
    const readFile = (path: string): string => readFileSync(path, 'utf8');
    const result = readConfig({ argv: settings, env: io.env, readFile });
    if (!result.ok) throw configError(result.problems);
    io.stdout(printConfig(result.config, result.values));
    return EXIT.ok;
  },
};
