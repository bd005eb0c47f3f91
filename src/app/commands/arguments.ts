/**
 * Splits the words of a command line into the command's own options, operands, and flags of the
 * configuration.
 */
import { describeValue } from '../../core/decode/describe.js';
import { ExporterError } from '../../core/errors.js';
import { CONFIG_FILE, SETTINGS } from '../config/settings.js';
import { didYouMean } from '../config/suggest.js';
import type { Command, CommandInput } from './command.js';

/** Settings that commands which only need the store take. */
const STORE_FLAGS: readonly string[] = ['--storage.path', CONFIG_FILE.flag];
const BOOLEAN_FLAGS: ReadonlySet<string> = new Set(
  SETTINGS.filter(({ kind }) => kind === 'boolean').map(({ flag }) => flag),
);

/**
 * `--flag=value` and `--flag value`; `--` ends the flags, `-` is an operand. Throws ExporterError
 * USAGE. With settings `all`, a flag that nobody knows goes to the configuration, which lists it
 * with its other problems.
 */
export function parseArguments(command: Command, words: readonly string[]): CommandInput {
  const options = new Map<string, string>();
  const operands: string[] = [];
  const settings: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--') {
      operands.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const flag = equals < 0 ? word : word.slice(0, equals);
    const isOption = command.options.some((option) => option.flag === flag);
    if (!isOption && !takesSetting(command, flag)) {
      const known = [...command.options.map((option) => option.flag), ...settingFlags(command)];
      throw usage(command, `unknown flag ${describeValue(flag)}${didYouMean(flag, known)}`);
    }
    const next = words[i + 1];
    const takesNext = equals < 0 && next?.startsWith('--') === false && !BOOLEAN_FLAGS.has(flag);
    if (takesNext) i += 1;
    const value = equals < 0 ? (takesNext ? next : undefined) : word.slice(equals + 1);
    if (!isOption) {
      settings.push(value === undefined ? flag : `${flag}=${value}`);
    } else if (value === undefined || value === '') {
      throw usage(command, `${flag}: expected a value, got nothing`);
    } else if (options.has(flag)) {
      throw usage(command, `${flag}: expected it once, got it again`);
    } else {
      options.set(flag, value);
    }
  }
  checkOperands(command, operands);
  return { options, operands, settings };
}

/** `message` and where to read on. */
export function usage({ name }: Pick<Command, 'name'>, message: string): ExporterError {
  return new ExporterError('USAGE', `${name}: ${message} (see selfhealer-exporter ${name} --help)`);
}

function checkOperands(command: Command, operands: readonly string[]): void {
  if (operands.length === command.operands) return;
  const surplus = operands[command.operands];
  const wanted = command.operands === 0 ? 'no operand' : 'one operand';
  const got = surplus === undefined ? 'nothing' : describeValue(surplus);
  throw usage(command, `expected ${wanted}, got ${got}`);
}

function takesSetting({ settings }: Command, flag: string): boolean {
  return settings === 'all' || (settings === 'store' && STORE_FLAGS.includes(flag));
}

function settingFlags({ settings }: Command): readonly string[] {
  return settings === 'store' ? STORE_FLAGS : [];
}
