/** The whole command line: finds the command, helps, and turns errors into exit codes. */
import { describeValue } from '../../core/decode/describe.js';
import { isExporterError } from '../../core/errors.js';
import { SETTINGS } from '../config/settings.js';
import { didYouMean } from '../config/suggest.js';
import { EXIT, exitCodeOf, isSystemError } from '../exit-codes.js';
import { parseArguments } from './arguments.js';
import { checkCommand } from './check.js';
import type { Command, CommandIo } from './command.js';
import { configPrintCommand } from './config-print.js';
import { importCommand } from './import.js';
import { reportCommand } from './report.js';
import { rulesCommand } from './rules.js';
import { serveCommand } from './serve.js';

export const COMMANDS: readonly Command[] = [
  serveCommand,
  reportCommand,
  importCommand,
  checkCommand,
  rulesCommand,
  configPrintCommand,
];

/** Never rejects; what went wrong is on stderr and in the exit code. */
export async function runCommandLine(
  words: readonly string[],
  io: CommandIo,
  version: string,
): Promise<number> {
  const [first] = words;
  if (first === '--version' || first === '-V') {
    io.stdout(`selfhealer-exporter ${version}\n`);
    return EXIT.ok;
  }
  const isHelp = first === 'help' || first === '--help' || first === '-h';
  const named = isHelp ? words.slice(1) : words;
  const command = findCommand(named);
  if (isHelp && named.length === 0) {
    io.stdout(generalHelp());
    return EXIT.ok;
  }
  if (command === undefined) {
    io.stderr(named.length === 0 ? generalHelp() : `error: ${unknownCommand(named)}\n`);
    return EXIT.usage;
  }
  const rest = named.slice(command.name.split(' ').length);
  if (isHelp || asksForHelp(rest)) {
    io.stdout(commandHelp(command));
    return EXIT.ok;
  }
  try {
    return await command.run(parseArguments(command, rest), io);
  } catch (error) {
    // A request that Ctrl-C broke off is no server that does not answer.
    if (io.signal.aborted && isExporterError(error, 'SERVER_UNREACHABLE')) return EXIT.interrupted;
    io.stderr(`error: ${describeError(error)}\n`);
    return exitCodeOf(error);
  }
}

function findCommand(words: readonly string[]): Command | undefined {
  return COMMANDS.find(({ name }) => name.split(' ').every((part, i) => words[i] === part));
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).some((word) => word === '--help' || word === '-h');
}

function unknownCommand(words: readonly string[]): string {
  const names = COMMANDS.map(({ name }) => name);
  const [first = ''] = words;
  const parts = names.filter((name) => name.startsWith(`${first} `));
  const typed = parts.length > 0 ? words.slice(0, 2).join(' ') : first;
  const hint = didYouMean(typed, names);
  const got = `${describeValue(typed)}${hint} (see selfhealer-exporter --help)`;
  return `expected a command (${names.join(', ')}), got ${got}`;
}

function generalHelp(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    'Usage: selfhealer-exporter COMMAND [options]',
    '',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'selfhealer-exporter COMMAND --help says more; --version prints the version.',
    '',
  ].join('\n');
}

function commandHelp(command: Command): string {
  const rows = command.options.map(({ flag, value, help }) => [`${flag}=${value}`, help] as const);
  const settings = SETTINGS.filter(({ key }) => {
    return command.settings === 'all' || (command.settings === 'store' && key === 'storage.path');
  }).map(({ flag, wants, defaultValue }) => {
    return [flag, `${wants} (default ${showDefault(defaultValue)})`] as const;
  });
  const file = ['--config.file', 'YAML file with settings'] as const;
  const all = command.settings === 'none' ? rows : [...rows, ...settings, file];
  const width = Math.max(0, ...all.map(([flag]) => flag.length));
  return [
    `Usage: selfhealer-exporter ${command.name} ${command.usage}`,
    '',
    `${command.summary[0]?.toUpperCase() ?? ''}${command.summary.slice(1)}.`,
    command.details,
    '',
    ...all.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`),
    '',
  ].join('\n');
}

function showDefault(value: unknown): string {
  if (value === undefined || Array.isArray(value)) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Our own errors are sentences; of anything else the place matters too. */
function describeError(error: unknown): string {
  if (isExporterError(error) || isSystemError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
