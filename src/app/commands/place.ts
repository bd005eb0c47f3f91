/** Where a command finds its data: a running server, or a store that no server holds. */
import { existsSync, readFileSync } from 'node:fs';
import { ExporterError } from '../../core/errors.js';
import type { Log } from '../../core/ports.js';
import { loadConfig, type Config } from '../config/config.js';
import { createLog, resolveLogFormat } from '../log.js';
import { usage } from './arguments.js';
import { createClient, DEFAULT_URL, type Client } from './client.js';
import type { Command, CommandInput, CommandIo, CommandOption } from './command.js';

export type Place =
  | { readonly kind: 'server'; readonly client: Client }
  | { readonly kind: 'store'; readonly config: Config; readonly log: Log };

export const URL_OPTION: CommandOption = {
  flag: '--url',
  value: 'URL',
  help: `a running exporter, with user:password@ where it asks (default ${DEFAULT_URL})`,
};

/** `--storage.path` means the store. Throws ExporterError USAGE and CONFIG_INVALID. */
export function placeOf(
  command: Pick<Command, 'name'>,
  { options, settings }: CommandInput,
  io: CommandIo,
): Place {
  const url = options.get(URL_OPTION.flag);
  if (!settings.some(isStoragePath)) {
    if (settings.length > 0) throw usage(command, '--config.file is for use with --storage.path');
    return { kind: 'server', client: createClient(url ?? DEFAULT_URL, io) };
  }
  if (url !== undefined) throw usage(command, 'expected --url or --storage.path, got both');
  return { kind: 'store', config: offlineConfig(settings, io), log: offlineLog(io) };
}

/**
 * Nothing listens and no file is followed; the rest (time-outs, limits) is as the server would have
 * it.
 */
function offlineConfig(settings: readonly string[], io: CommandIo): Config {
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const config = loadConfig({ argv: settings, env: io.env, readFile, listens: false });
  return { ...config, sources: { files: [] } };
}

/** Only what a person must know, beside the command's own output. */
function offlineLog(io: CommandIo): Log {
  return createLog({
    level: 'warn',
    format: resolveLogFormat('auto', io.stderrIsTerminal),
    write: io.stderr,
    now: () => io.clock.nowMs(),
  });
}

export function isStoragePath(flag: string): boolean {
  return flag === '--storage.path' || flag.startsWith('--storage.path=');
}

/**
 * Reading a store must not make an empty one. Throws ExporterError STORE_FAILED when there is none.
 */
export function requireStore(database: string | undefined): void {
  if (database !== undefined && existsSync(database)) return;
  const got = database ?? 'a store in memory';
  throw new ExporterError(
    'STORE_FAILED',
    `storage.path: expected a folder with a store, but there is no ${got}`,
  );
}
